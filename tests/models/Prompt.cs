namespace Parley.Testkit.Models;

/// <summary>A chat request in no provider's words.</summary>
internal sealed record Prompt
{
    internal required string Model { get; init; }

    internal required IReadOnlyList<Turn> Turns { get; init; }

    internal IReadOnlyList<Tool> Tools { get; init; } = [];

    internal bool MayCallSeveral { get; init; } = true;

    /// <summary>"auto", "none", "any" or the name of a tool.</summary>
    internal string ToolChoice { get; init; } = "auto";

    internal System.Text.Json.JsonElement? Schema { get; init; }

    internal bool Thinks { get; init; }

    internal int MaxTokens { get; init; } = int.MaxValue;

    /// <summary>Everything before the answer, in the order in which a provider caches it: one string for each block, and whether a cache mark follows it.</summary>
    internal required IReadOnlyList<(string Text, bool Marked)> Blocks { get; init; }

    internal string LastUser => Turns.LastOrDefault(turn => turn is { Role: "user", Results.Count: 0 })?.Text ?? "";
}

internal sealed record Turn(string Role, string Text)
{
    internal IReadOnlyList<Image> Images { get; init; } = [];

    /// <summary>What tools answered.</summary>
    internal IReadOnlyList<string> Results { get; init; } = [];
}

internal sealed record Tool(string Name);

internal sealed record Image(string MediaType, int Bytes);

/// <summary>What the model says.</summary>
internal sealed record Answer(string Text)
{
    internal IReadOnlyList<(string Name, string Arguments)> Calls { get; init; } = [];

    internal string? Thought { get; init; }

    /// <summary>stop, length, tools or filter.</summary>
    internal string End { get; init; } = "stop";

    internal int Tokens => Words.Tokens(Text) + Words.Tokens(Thought ?? "") + Calls.Sum(call => Words.Tokens(call.Name) + Words.Tokens(call.Arguments));
}
