using Parley.Inference.Contracts;

namespace Parley.Inference.Accounts;

/// <summary>What an operator does about a fault, where the fault itself does not say. Pure and complete.</summary>
internal static class FaultAdvice
{
    /// <summary>In one word, as it is kept and as machines read it.</summary>
    internal static string Code(ModelFault fault) => fault switch
    {
        ModelFault.Unauthorized => "unauthorized",
        ModelFault.ModelNotFound => "model_not_found",
        ModelFault.TooLarge => "too_large",
        ModelFault.RateLimited => "rate_limited",
        ModelFault.Overloaded => "overloaded",
        ModelFault.ServerError => "server_error",
        ModelFault.Unreachable => "unreachable",
        ModelFault.Timeout => "timeout",
        ModelFault.Stalled => "stalled",
        ModelFault.Cut => "cut",
        ModelFault.Malformed => "malformed",
        ModelFault.Empty => "empty",
        ModelFault.WrongDimension => "wrong_dimension",
        ModelFault.NotANumber => "not_a_number",
        ModelFault.TooFewVectors => "too_few_vectors",
        ModelFault.Refused => "refused",
        ModelFault.Invalid => "invalid",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "An unknown fault."),
    };

    /// <summary>What happened and what to do, without the provider's and the model's name in front.</summary>
    internal static string Explain(ModelException e)
    {
        var prefix = $"{e.Provider} · {e.Model}: ";
        var said = e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
        return Mend(e) is { } mend ? $"{said} {mend}" : said;
    }

    /// <summary>The same for a tenant and an account that is not its own: what it can do itself, and nothing of where the server is or what it said.</summary>
    internal static string OfInstance(ModelFault fault) => fault switch
    {
        ModelFault.Unauthorized => "The instance's key is not accepted, may not ask this model, or has no credit. Choose another model, or tell the operator of the instance.",
        ModelFault.ModelNotFound => "This account of the instance has no such model. Check the model's name, or choose another.",
        ModelFault.TooLarge => "The request is too long for this model. Choose a model with a larger window.",
        ModelFault.RateLimited => "The account's rate limit is reached. Try again in a minute, or add an account of your own.",
        ModelFault.Overloaded or ModelFault.ServerError => "The service has too much to do or failed. Try again in a minute.",
        ModelFault.Unreachable => "The server of this account cannot be reached. Tell the operator of the instance.",
        ModelFault.Timeout or ModelFault.Stalled or ModelFault.Cut => "No whole answer came in time. Try again; where it stays so, tell the operator of the instance.",
        ModelFault.Malformed or ModelFault.NotANumber or ModelFault.TooFewVectors => "The answer cannot be used. Choose another model, or tell the operator of the instance.",
        ModelFault.WrongDimension => "The vectors have another length than the catalogue says. Set the model's dimensions right there.",
        ModelFault.Empty => "The answer says nothing. Try again, or choose another model.",
        ModelFault.Refused => "The model declined to answer a harmless text. Choose another model.",
        ModelFault.Invalid => "The service does not accept the request: the model's capabilities in the catalogue may not be set right.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "An unknown fault."),
    };

    private static string? Mend(ModelException e) => e.Fault switch
    {
        ModelFault.Timeout => "Try again. A server of your own may still be loading the model; of a provider its status page tells more.",
        ModelFault.Stalled or ModelFault.Cut => "Try again. Where it stays so, look for a proxy between here and the server that ends long answers.",
        ModelFault.Overloaded or ModelFault.ServerError => "Try again in a minute; the provider's status page says whether it is known.",
        ModelFault.Empty => "Try again, or another model; a server of your own may need another chat template.",
        ModelFault.NotANumber or ModelFault.TooFewVectors => "The server does not keep to its protocol: update it, or choose another model.",
        ModelFault.Refused => "The test's text is harmless: choose another model, or change the filter there.",
        ModelFault.Malformed when !e.Message.Contains("base URL", StringComparison.Ordinal) => "Check that the base URL is of this provider's API.",
        ModelFault.Unreachable when e.Message.EndsWith("has no address.", StringComparison.Ordinal) => "Check how the base URL is written, and whether this machine can look up names.",
        _ => null,
    };
}
