using Microsoft.Extensions.AI;

namespace Parley.Inference.Contracts;

/// <summary>Which of the caller's parameters a model does not take and so did not get.</summary>
public static class DroppedParameters
{
    private const string Name = "parley.dropped";

    /// <summary>Of a whole answer; the names of <see cref="ChatOptions"/>.</summary>
    public static IReadOnlyList<string> Of(ChatResponse response) => Read(response.AdditionalProperties);

    /// <summary>Of a streamed answer: its first update carries them.</summary>
    public static IReadOnlyList<string> Of(ChatResponseUpdate update) => Read(update.AdditionalProperties);

    internal static AdditionalPropertiesDictionary Write(AdditionalPropertiesDictionary? into, IReadOnlyList<string> dropped) => new(into ?? []) { [Name] = dropped };

    private static IReadOnlyList<string> Read(AdditionalPropertiesDictionary? from) =>
        from is not null && from.TryGetValue(Name, out var value) && value is IReadOnlyList<string> names ? names : [];
}
