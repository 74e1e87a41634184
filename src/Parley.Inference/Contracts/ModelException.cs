namespace Parley.Inference.Contracts;

/// <summary>Everything that can go wrong with a call; a closed set, so that retry, failover and messages can be complete.</summary>
public enum ModelFault
{
    /// <summary>The key is wrong, may not do this, or has no credit.</summary>
    Unauthorized,

    /// <summary>There is no such model at this address, or none for this account.</summary>
    ModelNotFound,

    /// <summary>The prompt is longer than the model or the service takes.</summary>
    TooLarge,

    /// <summary>Too many calls or tokens for this account.</summary>
    RateLimited,

    /// <summary>The service has too much to do for everybody.</summary>
    Overloaded,

    /// <summary>The service failed.</summary>
    ServerError,

    /// <summary>No connection: name, network, certificate, or an address that must not be called.</summary>
    Unreachable,

    /// <summary>No first token in time, or the whole took too long.</summary>
    Timeout,

    /// <summary>The stream began and then stood still.</summary>
    Stalled,

    /// <summary>The answer ended without its end.</summary>
    Cut,

    /// <summary>The answer cannot be read.</summary>
    Malformed,

    /// <summary>The answer says nothing.</summary>
    Empty,

    /// <summary>A vector has another length than asked.</summary>
    WrongDimension,

    /// <summary>A vector or score is not a finite number.</summary>
    NotANumber,

    /// <summary>Not exactly one vector or score for each input.</summary>
    TooFewVectors,

    /// <summary>The model or its filter declined to answer.</summary>
    Refused,

    /// <summary>The service does not accept the request; sending it again changes nothing.</summary>
    Invalid,
}

/// <summary>
/// A call to a model failed. The message is for an operator: which account and model, what happened, what to do. It never holds the key, nor
/// anything of the prompt, of the answer or of the provider's own sentences, which repeat both.
/// </summary>
public sealed class ModelException : Exception
{
    public ModelException(ModelFault fault, string provider, string model, string message, Exception? inner = null)
        : base($"{provider} · {model}: {message}", inner) => (Fault, Provider, Model) = (fault, provider, model);

    /// <summary>What went wrong.</summary>
    public ModelFault Fault { get; }

    /// <summary>The account's kind of provider.</summary>
    public string Provider { get; }

    /// <summary>The model that was asked.</summary>
    public string Model { get; }

    /// <summary>The provider's status, where there was one.</summary>
    public int? Status { get; internal init; }

    /// <summary>The provider's name for the call, for its support.</summary>
    public string? RequestId { get; internal init; }

    /// <summary>How long the provider wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>A part of the answer had been handed on: neither a retry nor another model may answer now.</summary>
    public bool HasOutput { get; internal init; }

    /// <summary>The call is not worth repeating because its cause stays, whatever the fault (no credit, an address that is refused).</summary>
    internal bool Permanent { get; init; }

    /// <summary>A limit of Parley's own was reached and nobody was asked: it says nothing of the provider.</summary>
    internal bool Ours { get; init; }

    /// <summary>The same call to the same model may succeed later, and nothing has been handed on.</summary>
    public bool IsRetryable => !HasOutput && !Permanent && Fault is ModelFault.RateLimited or ModelFault.Overloaded or ModelFault.ServerError or ModelFault.Unreachable
        or ModelFault.Timeout or ModelFault.Stalled or ModelFault.Cut or ModelFault.Malformed or ModelFault.Empty or ModelFault.NotANumber or ModelFault.TooFewVectors;

    /// <summary>
    /// Another account or model may answer instead, and nothing has been handed on. Not for a request that is wrong or declined: that says something about the
    /// request. Vectors of another model do not fit an index: embeddings fail over only to the same model elsewhere.
    /// </summary>
    public bool MayFailOver => !HasOutput && Fault is not (ModelFault.Invalid or ModelFault.Refused);

    /// <summary>The call was made and may have been billed although nothing usable came back.</summary>
    public bool MayBeBilled => HasOutput || Fault is ModelFault.Timeout or ModelFault.Stalled or ModelFault.Cut or ModelFault.Malformed or ModelFault.Empty
        or ModelFault.WrongDimension or ModelFault.NotANumber or ModelFault.TooFewVectors or ModelFault.Refused;

    internal ModelException After(bool output) => output == HasOutput
        ? this
        : new ModelException(this, output);

    private ModelException(ModelException of, bool output)
        : base(of.Message, of.InnerException) =>
        (Fault, Provider, Model, Status, RequestId, RetryAfter, HasOutput, Permanent, Ours) = (of.Fault, of.Provider, of.Model, of.Status, of.RequestId, of.RetryAfter, output, of.Permanent, of.Ours);
}
