using System.Globalization;
using Parley.Conversations.Contracts;
using Parley.Platform.Errors;
using Parley.Platform.Http;

namespace Parley.Conversations;

/// <summary>Pages of messages go by their numbers: <c>next</c> is the number to give as <c>after</c>.</summary>
internal static class MessageRange
{
    internal static Error? Check(long? after, int? limit) =>
        after < 0 ? Error.Invalid("after", "'after' must be the number (seq) of a message, or 0.")
        : limit is < 1 or > PageQuery.MaxLimit ? Error.Invalid("limit", $"'limit' must be between 1 and {PageQuery.MaxLimit}.")
        : null;

    internal static Page<MessageView> Page(IReadOnlyList<MessageView> rows, int limit) =>
        rows.Count > limit
            ? new Page<MessageView>([.. rows.Take(limit)], rows[limit - 1].Seq.ToString(CultureInfo.InvariantCulture))
            : new Page<MessageView>(rows, null);
}
