using Parley.Conversations.Contracts;

namespace Parley.Conversations;

/// <summary>Which class a conversation ends in. Each ends in one, and says what it rests on.</summary>
internal static class ResolutionRules
{
    /// <summary>
    /// At the moment of closing. Words count first: "not solved" is unresolved; "solved" is the person's where one answered, else confirmed.
    /// Without words: a person's answer counts for the person, a customer who leaves unanswered has abandoned it, and an answer of the
    /// assistant is not settled yet (null): that takes 24 hours without a follow-up.
    /// </summary>
    public static string? OnClose(string closedBy, bool? stated, bool personAnswered, ConversationState conversation) => stated switch
    {
        false => ResolutionClass.Unresolved,
        true when personAnswered || closedBy == ActorKind.Agent => ResolutionClass.ByPerson,
        true => ResolutionClass.Confirmed,
        null when personAnswered && conversation.LastMessageKind != ActorKind.EndUser => ResolutionClass.ByPerson,
        null when IsAnswered(conversation) => null,
        null => ResolutionClass.Abandoned,
    };

    /// <summary>After 24 hours without a word: only the assistant's conversations come here, a person closes their own.</summary>
    public static string OnSilence(bool personAnswered, ConversationState conversation) =>
        personAnswered && conversation.LastMessageKind != ActorKind.EndUser ? ResolutionClass.ByPerson
        : IsAnswered(conversation) ? ResolutionClass.Silent
        : ResolutionClass.Abandoned;

    // The assistant had the last word and its last real turn answered. A question without an answer behind it is not answered.
    private static bool IsAnswered(ConversationState conversation) =>
        conversation.LastMessageKind != ActorKind.EndUser && conversation.LastOutcome == "answered";
}
