using Parley.Inference.Contracts;

namespace Parley.Inference.Providers;

/// <summary>What a status means, and what an operator does about it. Pure.</summary>
internal static class StatusFault
{
    internal static (ModelFault Fault, string Message, bool Permanent) Of(int status, ProviderError error, Uri address) => status switch
    {
        _ when error.Has("model_not_found", "invalid_model", "model_not_available") => NotFound(error),
        402 or 429 when status == 402 || error.Has("insufficient_quota", "billing_error") =>
            (ModelFault.Unauthorized, $"The account has no credit left{error.Suffix}. Top it up with the provider, or raise its spending limit there.", true),
        400 or 403 when error.SaysNoCredit && error.Has("billing_error", "invalid_request_error", "permission_error") =>
            (ModelFault.Unauthorized, $"The provider refuses for a reason of billing{error.Suffix}. Look at the account there.", true),
        401 => (ModelFault.Unauthorized, $"The key is not accepted{error.Suffix}. Enter a valid key of this account.", true),
        403 => (ModelFault.Unauthorized, $"The key may not do this{error.Suffix}. Give it access to this model with the provider, or use another key.", true),
        404 => NotFound(error),
        408 or 504 => (ModelFault.Timeout, $"The service gave up waiting (status {status}).", false),
        413 => TooLarge(error),
        400 or 422 when error.SaysTooLong => TooLarge(error),
        400 or 422 => (ModelFault.Invalid, $"The service does not accept the request (status {status}){error.Suffix}. If it names a parameter, the model's capabilities are not set right.", true),
        429 => (ModelFault.RateLimited, $"The account's rate limit is reached{error.Suffix}. Lower the account's limits here, or raise them with the provider.", false),
        503 or 529 => (ModelFault.Overloaded, $"The service is overloaded (status {status}){error.Suffix}.", false),
        >= 500 => (ModelFault.ServerError, $"The service failed (status {status}){error.Suffix}.", false),
        >= 300 and < 400 => (ModelFault.Invalid, $"{address.Authority} answers with a redirect (status {status}), which is not followed. Enter the final address as the base URL.", true),
        _ => (ModelFault.Invalid, $"The service does not accept the request (status {status}){error.Suffix}.", true),
    };

    /// <summary>An error that a stream reports after it began, by the provider's name for it.</summary>
    internal static (ModelFault Fault, string Message) Named(string name) => name switch
    {
        "overloaded_error" => (ModelFault.Overloaded, "The service became overloaded."),
        "rate_limit_error" => (ModelFault.RateLimited, "The account's rate limit is reached."),
        "timeout_error" => (ModelFault.Timeout, "The service gave up waiting."),
        "invalid_request_error" => (ModelFault.Invalid, "The service does not accept the request."),
        "authentication_error" or "permission_error" => (ModelFault.Unauthorized, "The key is not accepted."),
        _ => (ModelFault.ServerError, "The service failed while it answered."),
    };

    private static (ModelFault Fault, string Message, bool Permanent) NotFound(ProviderError error) =>
        (ModelFault.ModelNotFound, $"There is no such model at this address, or not for this account{error.Suffix}. Check the model's name and the account's base URL.", true);

    private static (ModelFault Fault, string Message, bool Permanent) TooLarge(ProviderError error) =>
        (ModelFault.TooLarge, $"The request is too long for the model or the service{error.Suffix}. Send less, or choose a model with a larger window.", true);
}
