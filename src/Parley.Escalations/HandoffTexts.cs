namespace Parley.Escalations;

/// <summary>Keys of the texts in <c>Texts/*.json</c> that tell a customer where the request for a person stands.</summary>
internal static class HandoffTexts
{
    internal const string Queued = "queued";
    internal const string OutOfHours = "outOfHours";
    internal const string Opened = "opened";
    internal const string StillWaiting = "stillWaiting";
    internal const string Expired = "expired";
    internal const string Cancelled = "cancelled";
    internal const string Accepted = "accepted";
    internal const string Returned = "returned";
}
