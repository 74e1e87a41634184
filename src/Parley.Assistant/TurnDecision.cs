using Parley.Assistant.Analysis;
using Parley.Assistant.Composer;
using Parley.Assistant.Generation;
using Parley.Conversations.Contracts;
using Parley.Escalations.Contracts;
using Parley.Knowledge.Retrieval;

namespace Parley.Assistant;

/// <summary>What is said: the verified answer, with a note where it is not certain, a question back, or that there is no answer. Pure.</summary>
internal static class TurnDecision
{
    /// <summary>An answer below this probability carries a note, where the profile says nothing.</summary>
    internal const double DefaultNoteBelow = .65;

    /// <summary>A document comes near from this share of the best one's score on.</summary>
    private const double AboutEqual = .8;

    /// <summary>Confidence, uncalibrated, from which on the documents found are near enough to be named when they do not answer.</summary>
    private const double RelatedFrom = .2;
    private const int Choices = 3;

    internal static double Threshold(PreparedTurn turn) => turn.Question.Profile.Threshold ?? SupportModel.AnswerThreshold;

    /// <param name="turn">With its verified composition.</param>
    /// <param name="escalate">The policy, told whether the question was answered.</param>
    internal static TurnResult Of(PreparedTurn turn, Func<bool, EscalationDecision?> escalate)
    {
        var result = Base(turn);
        if (turn.Escalation is { HandOff: true } before)
        {
            return result with { Outcome = TurnOutcome.HandedOff, HandoffReasons = before.Reasons, CustomerAsked = turn.AsksForPerson };
        }
        if (turn.AsksForPerson)
        {
            return Say(result, TurnOutcome.HandedOff, Text(turn, AssistantTexts.HandingOver)) with { HandoffReasons = [EscalationReasons.ExplicitRequest], CustomerAsked = true };
        }
        if (turn.Analysis.Intent == Intent.Vague && turn.Composition is null)
        {
            return Say(result, TurnOutcome.Clarified, Text(turn, AssistantTexts.AskBack));
        }
        if (turn.Composition is null)
        {
            return Say(result, TurnOutcome.SmallTalk, SmallTalk(turn));
        }
        if (turn.Composition is { Abstained: null, Quotes.Count: > 0 } answer)
        {
            return Answer(turn, result, answer);
        }
        if (turn.Written.OnlyPerson && turn.Question is { Rules: not null, PersonAwaited: false })
        {
            return Say(result, TurnOutcome.HandedOff, NoAnswer(turn)) with { HandoffReasons = [EscalationReasons.Budget] };
        }
        if (escalate(false) is { HandOff: true } unanswered)
        {
            return Say(result, TurnOutcome.HandedOff, NoAnswer(turn)) with { HandoffReasons = unanswered.Reasons };
        }
        // A question without a word that says what it is about has found nothing but chance.
        return turn.Retrieval is { Terms.Count: 0 } ? Say(result, TurnOutcome.Clarified, Text(turn, AssistantTexts.AskBack))
            : turn.Options.Count > 1 ? Clarify(turn, result) : Say(result, TurnOutcome.Abstained, Abstention(turn));
    }

    private static TurnResult Clarify(PreparedTurn turn, TurnResult result)
    {
        var (ask, labels) = (Text(turn, AssistantTexts.Clarify), turn.Options.Select(o => o.Label).ToList());
        var list = string.Join('\n', labels.Select(l => "- " + l));
        return result with { Outcome = TurnOutcome.Clarified, Text = ask + "\n\n" + list, Parts = [MessagePart.OfText(ask), MessagePart.OfChoices(list, labels)] };
    }

    /// <summary>That there is no answer, near misses to read, and a person where none is called yet.</summary>
    private static string Abstention(PreparedTurn turn)
    {
        var (abstain, offer) = (NoAnswer(turn), turn.Question.PersonAwaited ? "" : Text(turn, AssistantTexts.OfferPerson));
        var related = Related(turn);
        return related.Count > 0
            ? $"{abstain}\n\n{Text(turn, AssistantTexts.Related)}\n{string.Join('\n', related.Select(r => "- " + r))}{(offer.Length > 0 ? "\n\n" + offer : "")}"
            : offer.Length > 0 ? abstain + " " + offer : abstain;
    }

    private static string NoAnswer(PreparedTurn turn)
    {
        if (turn.Retrieval is not { } found || ForeignQuestion.Of(turn.Analysis.Language, found) is not { } foreign)
        {
            return Text(turn, AssistantTexts.Abstain);
        }
        var said = Text(turn, AssistantTexts.Foreign, ("own", foreign.Own), ("languages", foreign.Documentation));
        return foreign.Words.Count == 0 ? said : said + " " + Text(turn, AssistantTexts.NotMatched, ("words", string.Join(", ", foreign.Words)));
    }

    /// <summary>The documents that come near: only such as were read for this turn, so that nothing is named that is gone.</summary>
    private static List<string> Related(PreparedTurn turn)
    {
        if (turn.Retrieval is not { Documents.Count: > 0 } found || turn.Composition is not { RawConfidence: >= RelatedFrom })
        {
            return [];
        }
        var read = turn.Evidence.Select(e => e.DocumentId).ToHashSet();
        var near = found.Documents.Where(d => d.Title.Length > 0 && read.Contains(d.Id) && d.Score >= AboutEqual * found.Documents[0].Score);
        return [.. near.Select(Link).Distinct().Take(Choices)];
    }

    private static string Link(RankedDocument document) =>
        Uri.TryCreate(document.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && !document.Title.AsSpan().ContainsAny('[', ']') && !document.Url.AsSpan().ContainsAny('(', ')', ' ')
            ? $"[{document.Title}]({document.Url})" : document.Title;

    private static TurnResult Base(PreparedTurn turn) => new()
    {
        Outcome = TurnOutcome.Abstained,
        Language = turn.Analysis.Language,
        Intent = turn.AsksForPerson ? Intent.Person.ToName() : turn.Analysis.Intent.ToName(),
        QuestionType = turn.Analysis.Type.ToName(),
        Sentiment = turn.Analysis.Sentiment.ToName(),
        Tier = turn.Composition is null ? null : turn.Written.Tier ?? "extractive",
        Cost = turn.Question.Who?.Tally?.Booked ?? 0,
        Confidence = turn.Composition?.Confidence,
        Evidence = turn.Evidence,
        Versions = Versions(turn),
    };

    private static TurnResult Answer(PreparedTurn turn, TurnResult result, Composition answer)
    {
        var citations = answer.Quotes.Select(q => new Citation(q.DocumentId, q.SourceId, q.Title, q.Url, q.Anchor, q.Text, q.ChunkId)).ToList();
        var texts = Paragraphs(answer.Blocks).ToList();
        var words = answer.Text;
        foreach (var part in answer.Unanswered)
        {
            var missing = Text(turn, AssistantTexts.PartUnanswered, ("part", part));
            texts.Add(MessagePart.OfText(missing));
            words += "\n\n" + missing;
        }
        if (turn.Written.Broken)
        {
            var broken = Text(turn, AssistantTexts.Broken);
            texts.Add(MessagePart.OfText(broken));
            words += "\n\n" + broken;
        }
        if (answer.Confidence < (turn.Question.Profile.NoteBelow ?? DefaultNoteBelow))
        {
            var note = Text(turn, AssistantTexts.Note);
            texts.Add(MessagePart.OfText(note));
            words += "\n\n" + note;
        }
        return result with
        {
            Outcome = TurnOutcome.Answered, Text = words, Citations = citations, Parts = [.. texts, .. citations.Select(MessagePart.OfQuote)],
        };
    }

    /// <summary>Sentences of one paragraph or list are one part with the quotes of all of them.</summary>
    private static IEnumerable<MessagePart> Paragraphs(IReadOnlyList<AnswerBlock> blocks)
    {
        for (var i = 0; i < blocks.Count;)
        {
            var (text, cites) = (blocks[i].Text, blocks[i].Cites.ToList());
            for (i++; i < blocks.Count && blocks[i].Before != "\n\n"; i++)
            {
                text += blocks[i].Before + blocks[i].Text;
                cites.AddRange(blocks[i].Cites);
            }
            yield return MessagePart.OfText(text, [.. cites.Distinct()]);
        }
    }

    private static TurnResult Say(TurnResult result, string outcome, string text) =>
        result with { Outcome = outcome, Text = text, Parts = text.Length == 0 ? [] : [MessagePart.OfText(text)] };

    private static string SmallTalk(PreparedTurn turn) => turn.Analysis.Intent switch
    {
        Intent.Thanks => Text(turn, AssistantTexts.Thanks),
        Intent.Goodbye => Text(turn, AssistantTexts.Goodbye),
        Intent.Chat => Text(turn, AssistantTexts.Identity),
        _ => turn.Question.Profile.GreetingIn(turn.Analysis.Language),
    };

    private static string Text(PreparedTurn turn, string key, params ReadOnlySpan<(string Name, string Value)> places) =>
        turn.Question.Profile.Text(turn.Analysis.Language, key, places);

    private static Dictionary<string, object> Versions(PreparedTurn turn)
    {
        var versions = new Dictionary<string, object> { ["profile"] = turn.Question.ProfileVersion, ["escalationRules"] = turn.Question.RulesVersion, ["calibration"] = turn.Question.CalibrationVersion, ["composer"] = turn.Written.Tier is null ? "extractive" : "model" };
        if (turn.Written.Attempts.Count > 0)
        {
            (versions["models"], versions["prompt"]) = (turn.Models.Version, Prompts.Version);
        }
        if (turn.Retrieval is { } found)
        {
            versions["index"] = found.ChangeNumber;
        }
        return versions;
    }
}
