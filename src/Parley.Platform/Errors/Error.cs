namespace Parley.Platform.Errors;

/// <summary>An expected failure: what is wrong and how to mend it, in words for the caller.</summary>
/// <param name="Code">Stable and machine-readable, e.g. <c>conversation.closed</c>.</param>
/// <param name="Message">Names the field and the mend. Never carries another tenant's data or an exception's text.</param>
/// <param name="Status">The HTTP status it becomes.</param>
public record Error(string Code, string Message, int Status)
{
    /// <summary>The request's fields that are wrong, with what to do about each.</summary>
    public IReadOnlyDictionary<string, string[]> Fields { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Seconds until another try may succeed; becomes Retry-After.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>404. Also for what exists but belongs to somebody else.</summary>
    public static Error NotFound(string what) => new("not_found", $"There is no such {what}.", 404);

    /// <summary>400 with the field's name.</summary>
    public static Error Invalid(string field, string message) =>
        new("invalid", message, 400) { Fields = new Dictionary<string, string[]> { [field] = [message] } };

    /// <summary>400 with several fields.</summary>
    public static Error Invalid(IReadOnlyDictionary<string, string[]> fields) =>
        new("invalid", "Some fields are not valid.", 400) { Fields = fields };

    /// <summary>409: the state of the thing forbids it now.</summary>
    public static Error Conflict(string code, string message) => new(code, message, 409);

    /// <summary>403.</summary>
    public static Error Forbidden(string message) => new("forbidden", message, 403);

    /// <summary>429.</summary>
    public static Error TooMany(string message, int retryAfterSeconds) => new("too_many_requests", message, 429) { RetryAfterSeconds = retryAfterSeconds };
}
