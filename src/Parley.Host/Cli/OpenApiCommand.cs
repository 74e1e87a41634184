using System.CommandLine;
using Parley.Host.Instance;
using Parley.Host.Web;
using Parley.Platform.Data;
using Parley.Platform.Secrets;

namespace Parley.Host.Cli;

/// <summary><c>parley openapi [FILE]</c>: writes the API's description without starting anything.</summary>
internal static class OpenApiCommand
{
    private static readonly Argument<string?> File = new("FILE") { Arity = ArgumentArity.ZeroOrOne, Description = "Where to write it; without it, standard output" };

    internal static Command Create() => CommandFrame.Create("openapi", "Write the API's OpenAPI description", [File], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var text = await DescribeAsync(ct);
        if (parsed.GetValue(File) is { } file) await System.IO.File.WriteAllTextAsync(file, text, ct);
        else await parsed.InvocationConfiguration.Output.WriteAsync(text);
        return 0;
    }

    internal static async Task<string> DescribeAsync(CancellationToken ct)
    {
        await using var app = ParleyApp.Build(new InstanceOptions
        {
            DataDirectory = Path.GetTempPath(), // neither the folder nor the database is touched
            Database = new DatabaseOptions("Host=localhost;Username=nobody"),
            MasterKey = MasterKey.Parse(Convert.ToBase64String(new byte[32])),
            LogLevel = LogLevel.Warning,
        });
        return await ApiDescription.WriteAsync(app, ct);
    }
}
