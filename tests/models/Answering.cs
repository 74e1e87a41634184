using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Parley.Testkit.Models;

/// <summary>
/// Answers by rule, so that everything above can be seen at work without a model: sentences of the passages in the prompt that share words with the
/// question, each with its citation; the word that the prompt wants (<c>NO_ANSWER</c>) where none does. A prompt that asks to rewrite a
/// <c>&lt;question&gt;</c> gets it with words of the conversation; one with a <c>&lt;transcript&gt;</c> gets what was asked first and said last. Scripted answers come first.
/// </summary>
/// <remarks>
/// Passages are those of the last message, else of all. They are written <c>[3] text…</c> (to the end of the paragraph) or <c>&lt;passage id="3"&gt;text…&lt;/passage&gt;</c> (also document, source, evidence).
/// A last message <c>call NAME {json}</c>, one a line, calls tools.
/// </remarks>
internal sealed partial class Answering
{
    private const double Enough = .34;

    private readonly ConcurrentQueue<ScriptedAnswer> _script = new();

    internal void Script(ScriptedAnswer answer) => _script.Enqueue(answer);

    internal void Clear() => _script.Clear();

    internal Answer To(Prompt prompt, Fault? fault)
    {
        var answer = fault switch
        {
            { Name: "empty" } => new Answer(""),
            { Name: "refused" } => new Answer("") { End = "filter" },
            { Name: "weak" } => new Answer("I am not sure. It might possibly be described somewhere in the documentation."),
            { Name: "unsure" } => ByRule(prompt) is { Text: not "NO_ANSWER" } sure ? sure with { Text = Unsure(sure.Text) } : new Answer("NO_ANSWER"),
            _ => Scripted(prompt.Model) ?? ByRule(prompt),
        };
        answer = prompt.Thinks && answer.Text.Length > 0 ? answer with { Thought = "The passages are compared with the question." } : answer;
        return answer.Calls.Count == 0 && Words.Tokens(answer.Text) > prompt.MaxTokens ? answer with { Text = answer.Text[..(prompt.MaxTokens * 4)], End = "length" } : answer;
    }

    private static string Unsure(string text) => text.Length == 0 ? text : "I am not sure, but perhaps " + char.ToLowerInvariant(text[0]) + text[1..];

    private Answer? Scripted(string model)
    {
        if (!_script.TryPeek(out var next) || (next.Model is not null && next.Model != model) || !_script.TryDequeue(out next))
        {
            return null;
        }
        return new Answer(next.Text ?? "")
        {
            Calls = [.. (next.Calls ?? []).Select(call => (call.Name, call.Arguments.GetRawText()))], End = next.Calls is { Count: > 0 } ? "tools" : "stop",
        };
    }

    private static Answer ByRule(Prompt prompt)
    {
        if (prompt.Turns is [.., { Results: { Count: > 0 } results }])
        {
            return new Answer($"The tools say: {string.Join("; ", results)}.");
        }
        var calls = Calls(prompt);
        if (calls.Count > 0)
        {
            return new Answer("") { Calls = calls, End = "tools" };
        }
        if (prompt.Schema is { } schema)
        {
            return new Answer(Fill(schema)?.ToJsonString() ?? "null");
        }
        if (prompt.Turns.LastOrDefault(turn => turn.Role == "user") is { Images: { Count: > 0 } images })
        {
            return new Answer($"I see {string.Join(" and ", images.Select(image => $"one {image.MediaType} of {image.Bytes} bytes"))}.");
        }
        return new Answer(Grounded(prompt));
    }

    private static List<(string Name, string Arguments)> Calls(Prompt prompt)
    {
        if (prompt.Tools.Count == 0 || prompt.ToolChoice == "none")
        {
            return [];
        }
        List<(string, string)> calls =
        [
            .. CallLine().Matches(prompt.LastUser).Where(match => prompt.Tools.Any(tool => tool.Name == match.Groups["name"].Value))
                .Select(match => (match.Groups["name"].Value, match.Groups["arguments"].Value)),
        ];
        if (calls.Count == 0 && prompt.ToolChoice != "auto")
        {
            calls = [(prompt.ToolChoice == "any" ? prompt.Tools[0].Name : prompt.ToolChoice, "{}")];
        }
        return prompt.MayCallSeveral ? calls : [.. calls.Take(1)];
    }

    private static string Grounded(Prompt prompt)
    {
        var rules = string.Join("\n\n", prompt.Turns.Where(turn => turn.Role == "system").Select(turn => turn.Text));
        var question = Question().Match(prompt.LastUser) is { Success: true } asked ? asked.Groups["text"].Value : WithoutPassages(prompt.LastUser);
        if (Transcript().Match(prompt.LastUser) is { Success: true } transcript)
        {
            return SummedUp(transcript.Groups["text"].Value);
        }
        if (Conversation().Match(prompt.LastUser) is { Success: true } conversation)
        {
            return Rewritten(question, conversation.Groups["text"].Value);
        }
        var everything = Passages(prompt.LastUser).Any() ? prompt.LastUser : string.Join("\n\n", prompt.Turns.Where(turn => turn.Role != "assistant").Select(turn => turn.Text));
        var found = Passages(everything)
            .SelectMany(passage => Words.Sentences(Code().Replace(passage.Text, "")).Where(sentence => !sentence.EndsWith('?')).Select(sentence => (passage.Id, Sentence: sentence, Score: Words.Overlap(question, sentence))))
            .Where(each => each.Score >= Enough).OrderByDescending(each => each.Score).Take(2).ToList();
        return found.Count > 0 ? string.Join(" ", found.Select(each => $"{each.Sentence} [{each.Id}]"))
            : Passages(everything).Any() ? (rules.Contains("NO_ANSWER", StringComparison.Ordinal) ? "NO_ANSWER" : "The passages do not answer this.") : $"You said: {question.Trim()}";
    }

    /// <summary>The question with what the customer said last before it, as a model would put the subject in.</summary>
    private static string Rewritten(string question, string conversation)
    {
        var before = conversation.Split('\n').LastOrDefault(line => line.StartsWith("Customer: ", StringComparison.Ordinal))?["Customer: ".Length..].TrimEnd('?', '.', '!');
        var subject = before is null ? "" : string.Join(' ', Words.Of(before).Except(Words.Of(question)).TakeLast(3));
        return subject.Length == 0 ? question.Trim() : $"{question.Trim().TrimEnd('?', '.', '!')} ({subject})?";
    }

    private static string SummedUp(string transcript)
    {
        var lines = transcript.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var (asked, answered) = (lines.FirstOrDefault(line => line.StartsWith("Customer: ", StringComparison.Ordinal)), lines.LastOrDefault(line => !line.StartsWith("Customer: ", StringComparison.Ordinal)));
        return $"The customer asked: {asked?["Customer: ".Length..] ?? "nothing"} The last answer was: {answered?[(answered.IndexOf(": ", StringComparison.Ordinal) + 2)..] ?? "none"}";
    }

    private static IEnumerable<(string Id, string Text)> Passages(string text) =>
        Tagged().Matches(text).Concat(Numbered().Matches(Tagged().Replace(text, ""))).Select(match => (match.Groups["id"].Value, match.Groups["text"].Value));

    private static string WithoutPassages(string text) => Numbered().Replace(Tagged().Replace(text, ""), "");

    /// <summary>The smallest value that a schema allows.</summary>
    private static JsonNode? Fill(JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out var choices) && choices.GetArrayLength() > 0)
        {
            return JsonNode.Parse(choices[0].GetRawText());
        }
        var type = schema.TryGetProperty("type", out var named) ? named : default;
        return (type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.ValueKind == JsonValueKind.String ? type.GetString() : "object") switch
        {
            "string" => "text",
            "integer" => 1,
            "number" => .5,
            "boolean" => true,
            "array" => new JsonArray(schema.TryGetProperty("items", out var items) ? Fill(items) : null),
            "null" => null,
            _ => new JsonObject(schema.TryGetProperty("properties", out var properties)
                ? properties.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Fill(property.Value))) : []),
        };
    }

    [GeneratedRegex(@"^\s*call (?<name>\w+) (?<arguments>\{.*\})\s*$", RegexOptions.Multiline)]
    private static partial Regex CallLine();

    [GeneratedRegex(@"<(?<tag>passage|document|source|evidence)\b[^>]*?\bid=""(?<id>[^""]+)""[^>]*>(?<text>.*?)</\k<tag>>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Tagged();

    [GeneratedRegex(@"```.*?(?:```|\z)|^\s*(?:#+|[-*]|\d+\.)\s", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"<question\b[^>]*>(?<text>.*?)</question>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Question();

    [GeneratedRegex(@"<transcript>(?<text>.*?)</transcript>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Transcript();

    [GeneratedRegex(@"<conversation>(?<text>.*?)</conversation>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Conversation();

    [GeneratedRegex(@"^\[(?<id>\w+)\]\s+(?<text>(?:.+(?:\n|$))+)", RegexOptions.Multiline)]
    private static partial Regex Numbered();
}

/// <summary>An answer that a test or a demonstration has written. POST /control/script.</summary>
/// <param name="Text">What is said.</param>
/// <param name="Calls">Which tools are called.</param>
/// <param name="Model">Null: whichever is asked next.</param>
public sealed record ScriptedAnswer(string? Text, IReadOnlyList<ScriptedCall>? Calls = null, string? Model = null);

/// <summary>A call in a scripted answer.</summary>
public sealed record ScriptedCall(string Name, JsonElement Arguments);
