using Parley.Assistant;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class ForeignQuestionTests
{
    [Fact]
    public void It_is_told_in_both_languages_with_the_words_that_matched_nothing()
    {
        var foreign = ForeignQuestion.Of("de", Found(["en"], ("die", .1, false), ("Rückerstattung", .6, false), ("API", .3, true))).ShouldNotBeNull();
        (foreign.Own, foreign.Documentation).ShouldBe(("Deutsch", "English"));
        foreign.Words.ShouldBe(["Rückerstattung"]);
    }

    [Fact]
    public void In_a_script_without_spaces_there_are_no_words_to_name() =>
        ForeignQuestion.Of("zh", Found(["en", "de"], ("退款", 1, false))).ShouldNotBeNull().Words.ShouldBeEmpty();

    [Fact]
    public void Nothing_is_said_where_the_documentation_has_the_language_or_the_words_or_no_language()
    {
        ForeignQuestion.Of("de", Found(["en", "de"], ("Rückerstattung", 1, false))).ShouldBeNull();
        ForeignQuestion.Of("de", Found(["en"], ("Rückerstattung", .4, false), ("API", .6, true))).ShouldBeNull();
        ForeignQuestion.Of("de", Found([], ("Rückerstattung", 1, false))).ShouldBeNull();
    }

    private static RetrievalResult Found(string[] languages, params (string Word, double Weight, bool Known)[] terms) => new()
    {
        ChangeNumber = 1, Documents = [], Chunks = [], IdealScore = 5, Confidence = 0, OwnConfidence = 0, Languages = languages, Terms = [.. terms.Select(t => new QueryTerm(t.Word, t.Word, t.Weight, t.Known))],
    };
}
