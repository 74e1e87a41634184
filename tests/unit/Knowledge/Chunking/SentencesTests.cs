using FsCheck;
using FsCheck.Fluent;
using Parley.Knowledge.Chunking;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge.Chunking;

public sealed class SentencesTests
{
    [Theory]
    [InlineData("One. Two! Three? Four…", "One.|Two!|Three?|Four…")]
    [InlineData("Use e.g. a list, i.e. this one. Next.", "Use e.g. a list, i.e. this one.|Next.")]
    [InlineData("Version 1.2.3 is out. See https://a.example/b.c?d=e. Done.", "Version 1.2.3 is out.|See https://a.example/b.c?d=e.|Done.")]
    [InlineData("Run `a. B` now. [Read. Me](https://x.example/a. b) then.", "Run `a. B` now.|[Read.|Me](https://x.example/a. b) then.")]
    [InlineData("He said \"Stop.\" Then left.", "He said \"Stop.\"|Then left.")]
    [InlineData("これは文です。次の文！最後？はい", "これは文です。|次の文！|最後？|はい")]
    [InlineData("यह वाक्य है। दूसरा वाक्य।", "यह वाक्य है।|दूसरा वाक्य।")]
    [InlineData("Wie z.B. hier. Das gilt u.a. auch dort.", "Wie z.B. hier.|Das gilt u.a. auch dort.")]
    [InlineData("Dr. Who and J. Smith met. They talked.", "Dr. Who and J. Smith met.|They talked.")]
    [InlineData("Edit it. railway.json is read first.", "Edit it.|railway.json is read first.")]
    [InlineData("First line\n- item one\n- item two", "First line|- item one|- item two")]
    [InlineData("1. Open it. Then wait.", "1. Open it.|Then wait.")]
    [InlineData("Logs, metrics, etc. The rest follows.", "Logs, metrics, etc.|The rest follows.")]
    [InlineData("No end", "No end")]
    [InlineData("  ", "")]
    public void Splits(string text, string expected) => string.Join('|', Sentences.Split(text).Select(r => text[r])).ShouldBe(expected);

    [Fact]
    public void Loses_nothing_but_white_space() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            text ??= "";
            var end = 0;
            foreach (var range in Sentences.Split(text))
            {
                text[end..range.Start.Value].ShouldAllBe(c => char.IsWhiteSpace(c));
                range.End.Value.ShouldBeGreaterThan(range.Start.Value);
                end = range.End.Value;
            }
            text[end..].ShouldAllBe(c => char.IsWhiteSpace(c));
        }).QuickCheckThrowOnFailure();
}
