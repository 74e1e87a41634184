using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Assistant.Contracts;

/// <summary>Asked before a version of an assistant's configuration goes live. Measurement stands above the assistant, which does not know of it.</summary>
public interface IPublishCheck
{
    /// <summary>What stands in the way; null: nothing does.</summary>
    /// <param name="session">The transaction that publishes.</param>
    /// <param name="assistantId">Whose.</param>
    /// <param name="from">The version in force; 0: as shipped.</param>
    /// <param name="to">The version to be published; null: it was not saved before.</param>
    Task<Error?> CheckAsync(TenantSession session, Guid assistantId, int from, int? to);
}
