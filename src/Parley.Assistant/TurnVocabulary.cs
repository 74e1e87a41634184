namespace Parley.Assistant;

/// <summary>What a turn ended in, as stored and sent.</summary>
internal static class TurnOutcome
{
    internal const string Answered = "answered";
    internal const string Clarified = "clarified";
    internal const string Abstained = "abstained";
    internal const string HandedOff = "handed_off";
    internal const string SmallTalk = "small_talk";
}

/// <summary>Names of the steps of a turn, in their order.</summary>
internal static class TurnStepName
{
    internal const string Analyse = "analyse";
    internal const string Escalation = "escalation";
    internal const string Rewrite = "rewrite";
    internal const string Retrieve = "retrieve";
    internal const string Correct = "correct";
    internal const string Evidence = "evidence";
    internal const string Generate = "generate";
    internal const string Verify = "verify";
    internal const string Decide = "decide";
    internal const string Deliver = "deliver";
}

/// <summary>Intents beside those of the question analysis.</summary>
internal static class TurnIntent
{
    /// <summary>The customer waits for a person and was told the place in the queue.</summary>
    internal const string QueuePlace = "queue_place";
}
