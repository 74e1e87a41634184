using Anthropic.Exceptions;
using Parley.Inference.Contracts;
using Parley.Platform.Outbound;

namespace Parley.Inference.Providers;

/// <summary>What an SDK's exception means. Its own message is not kept: SDKs quote answers in it.</summary>
internal static class ExceptionFault
{
    internal static ModelException Of(Exception e, ModelEndpoint at)
    {
        for (Exception? each = e; each is not null; each = each.InnerException)
        {
            switch (each)
            {
                case ModelException known:
                    return known;
                case OutboundRefusedException refused:
                    return FaultHandler.Refused(refused, at.Account.Provider, at.Model);
                case AnthropicSseException reported:
                    return Reported(reported, at);
                case HttpRequestException or IOException:
                    return at.Fault(ModelFault.Cut, "The connection ended before the answer did.");
                default:
                    continue;
            }
        }
        return e is OperationCanceledException
            ? at.Fault(ModelFault.Timeout, "The call was ended before the answer came.")
            : at.Fault(ModelFault.Malformed, $"The answer cannot be read ({Short(e)}). Check that the base URL is of this provider's API.");
    }

    private static string Short(Exception e) => e.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);

    /// <remarks>https://platform.claude.com/docs/en/build-with-claude/streaming#error-events</remarks>
    private static ModelException Reported(AnthropicSseException e, ModelEndpoint at)
    {
        string name;
        try
        {
            name = e.Type?.Raw() ?? "";
        }
        catch (AnthropicInvalidDataException)
        {
            name = ""; // An error without a name is the service's failure all the same.
        }
        var (fault, message) = StatusFault.Named(name);
        return at.Fault(fault, message);
    }
}
