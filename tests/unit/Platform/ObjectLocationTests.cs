using Parley.Platform.Objects;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Platform;

public sealed class ObjectLocationTests
{
    [Fact]
    public void A_folder_is_made_absolute() => ObjectLocation.Parse("some/folder").ToString().ShouldBe(Path.GetFullPath("some/folder"));

    [Theory]
    [InlineData("s3://bucket", "bucket", "", null, "us-east-1", false)]
    [InlineData("s3://bucket/", "bucket", "", null, "us-east-1", false)]
    [InlineData("s3://bucket/a/b/?region=eu-central-1", "bucket", "a/b/", null, "eu-central-1", false)]
    [InlineData("s3://my.bucket-1/a?endpoint=https://minio.internal:9000", "my.bucket-1", "a/", "https://minio.internal:9000/", "us-east-1", true)]
    [InlineData("s3://bucket?endpoint=https%3A%2F%2Fs3.example.com&pathStyle=false", "bucket", "", "https://s3.example.com/", "us-east-1", false)]
    public void S3_is_read_and_written_in_the_same_form(string text, string bucket, string prefix, string? endpoint, string region, bool pathStyle)
    {
        var location = ObjectLocation.Parse(text);
        location.ShouldBe(new ObjectLocation(null, bucket, prefix, endpoint is null ? null : new Uri(endpoint), region, pathStyle));
        ObjectLocation.Parse(location.ToString()).ShouldBe(location);
    }

    [Theory]
    [InlineData("gs://bucket", "gs")]
    [InlineData("s3://", "bucket")]
    [InlineData("s3://UPPER", "UPPER")]
    [InlineData("s3://bucket/../up", "prefix")]
    [InlineData("s3://bucket?key=secret", "key")]
    [InlineData("s3://bucket?endpoint=ftp://x", "endpoint")]
    [InlineData("s3://bucket?endpoint=https://id:secret@x", "endpoint")]
    [InlineData("s3://bucket?pathStyle=perhaps", "pathStyle")]
    public void What_is_wrong_is_named(string text, string cause) => Should.Throw<FormatException>(() => ObjectLocation.Parse(text)).Message.ShouldContain(cause);
}
