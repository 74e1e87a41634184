using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Parley.Platform.Errors;

/// <summary>A value or an expected failure.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Error? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The failure; null when there is a value.</summary>
    public Error? Error { get; }

    /// <summary>The value; throws where there is a failure.</summary>
    public T Value => Error is null ? _value! : throw new InvalidOperationException("No value: " + Error.Code);

    /// <summary>True with the value, false with the failure.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Error? error)
    {
        value = _value;
        error = Error;
        return Error is null;
    }

    /// <summary>A success.</summary>
    public static implicit operator Result<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator Result<T>(Error error) => new(default, error);
}

/// <summary>The one place where results become HTTP.</summary>
public static class ResultHttp
{
    /// <summary>200 with the value, or problem details.</summary>
    public static Results<Ok<T>, ProblemHttpResult> ToHttp<T>(this Result<T> result) =>
        result.TryGet(out var value, out var error) ? TypedResults.Ok(value) : error.ToProblem();

    /// <summary>201 with the value and its address, or problem details.</summary>
    public static Results<Created<T>, ProblemHttpResult> ToCreated<T>(this Result<T> result, Func<T, string> location) =>
        result.TryGet(out var value, out var error) ? TypedResults.Created(location(value), value) : error.ToProblem();

    /// <summary>202 with the value, or problem details.</summary>
    public static Results<Accepted<T>, ProblemHttpResult> ToAccepted<T>(this Result<T> result, Func<T, string?> location) =>
        result.TryGet(out var value, out var error) ? TypedResults.Accepted(location(value), value) : error.ToProblem();

    /// <summary>204, or problem details.</summary>
    public static Results<NoContent, ProblemHttpResult> ToNoContent<T>(this Result<T> result) =>
        result.Error is { } error ? error.ToProblem() : TypedResults.NoContent();

    /// <summary>RFC 9457 problem details with <c>code</c> and, where fields are wrong, <c>errors</c>.</summary>
    public static ProblemHttpResult ToProblem(this Error error)
    {
        var problem = new ProblemDetails { Status = error.Status, Title = error.Message, Type = "urn:parley:problem:" + error.Code };
        problem.Extensions["code"] = error.Code;
        if (error.Fields.Count > 0)
        {
            problem.Extensions["errors"] = error.Fields;
        }
        if (error.RetryAfterSeconds is { } seconds)
        {
            problem.Extensions["retryAfterSeconds"] = seconds;
        }
        return TypedResults.Problem(problem);
    }
}
