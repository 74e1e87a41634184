using Parley.Escalations.Contracts;

namespace Parley.Assistant;

/// <summary>The assistant's fixed texts; the keys are those of <c>Texts/*.json</c>.</summary>
internal static class AssistantTexts
{
    internal const string Abstain = "abstain";
    internal const string OfferPerson = "offerPerson";
    internal const string Foreign = "foreign";
    internal const string NotMatched = "notMatched";
    internal const string Related = "related";
    internal const string PartUnanswered = "partUnanswered";
    internal const string Clarify = "clarify";
    internal const string AskBack = "askBack";
    internal const string Note = "note";
    internal const string Broken = "broken";
    internal const string Welcome = "welcome";
    internal const string Greeting = "greeting";
    internal const string Thanks = "thanks";
    internal const string Goodbye = "goodbye";
    internal const string Identity = "identity";
    internal const string Failed = "failed";
    internal const string QueuePlace = "queuePlace";
    internal const string HandingOver = "handingOver";
    internal const string Affirmations = "affirmations";
    internal const string Ordinals = "ordinals";

    internal static LocalizedTexts All { get; } = LocalizedTexts.Of(typeof(AssistantTexts).Assembly);

    /// <summary>What a profile may replace.</summary>
    internal static IReadOnlyCollection<string> Keys { get; } = [Abstain, OfferPerson, Related, Clarify, Note, Broken, Welcome, Greeting, Thanks, Goodbye, Identity, Failed];
}
