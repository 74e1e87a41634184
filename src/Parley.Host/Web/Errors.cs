using System.ComponentModel;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Metadata;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Host.Web;

/// <summary>Every failure leaves as problem details; what the caller got wrong is named, what we got wrong is logged and not told.</summary>
internal static partial class Errors
{
    internal static void UseErrors(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => HandleAsync(context),
            // A bad request is the caller's, and what is unavailable is logged below without its stack; everything else is logged once, by the middleware.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or OperationCanceledException || Outside(context.Exception) is not null,
        });
        app.UseStatusCodePages(context => ExplainStatusAsync(context.HttpContext)); // bodies for empty 4xx answers
    }

    private static async Task ExplainStatusAsync(HttpContext http)
    {
        if (http.Response.StatusCode == StatusCodes.Status400BadRequest && UnreadableParameter(http) is { } name)
            await WrongForm(name).ToProblem().ExecuteAsync(http);
        else
            await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = { Status = http.Response.StatusCode } });
    }

    /// <summary>Compiled endpoints refuse an optional parameter that they cannot read without saying which: the first one whose text does not fit its type.</summary>
    private static string? UnreadableParameter(HttpContext http) => http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
        .Where(p => p.HasTryParse)
        .Select(p => (Name: JsonNamingPolicy.CamelCase.ConvertName(p.Name), Type: Nullable.GetUnderlyingType(p.ParameterInfo.ParameterType) ?? p.ParameterInfo.ParameterType))
        .Where(p => (http.Request.RouteValues.TryGetValue(p.Name, out var value) ? value as string : (string?)http.Request.Query[p.Name]) is { Length: > 0 } text
            && !TypeDescriptor.GetConverter(p.Type).IsValid(text))
        .Select(p => p.Name).FirstOrDefault();

    private static async Task HandleAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var error = exception switch
        {
            BadHttpRequestException bad => Explain(bad),
            OperationCanceledException when http.RequestAborted.IsCancellationRequested => new Error("cancelled", "The request was cancelled.", 499),
            not null when Outside(exception) is { } outside => outside,
            _ => new Error("internal", "Something went wrong on our side. It has been logged.", StatusCodes.Status500InternalServerError),
        };
        if (error.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status507InsufficientStorage) Log.Unavailable(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Parley.Host"), error.Code, exception!.GetBaseException().Message);
        if (!http.Response.HasStarted) await error.ToProblem().ExecuteAsync(http);
    }

    /// <summary>What lies outside Parley, or in what the caller sent; null: a bug of ours.</summary>
    private static Error? Outside(Exception exception) => Outages.Explain(exception) ?? DatabaseErrors.Explain(exception);

    internal static Error Explain(BadHttpRequestException bad)
    {
        if (bad.StatusCode == StatusCodes.Status413PayloadTooLarge)
            return new Error("too_large", "The request's body is too large.", StatusCodes.Status413PayloadTooLarge);
        if (bad.StatusCode == StatusCodes.Status415UnsupportedMediaType)
            return new Error("unsupported_media_type", "Send JSON with the header Content-Type: application/json.", StatusCodes.Status415UnsupportedMediaType);
        if (bad.InnerException is JsonException json)
        {
            var field = FieldOf(json.Path);
            return field is null
                ? new Error("invalid_json", "The body is not valid JSON in UTF-8.", StatusCodes.Status400BadRequest)
                : Error.Invalid(field, $"The value of '{field}' has the wrong type or form.");
        }
        // "Failed to bind parameter "Guid id" from "x"." and "Required parameter "string key" was not provided from query string."
        // A parameter may be a property of a record: its name on the wire is in camel case.
        return Parameter().Match(bad.Message) is { Success: true } match && JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value) is var name
            ? WrongForm(name)
            : new Error("invalid", "The request is not valid.", StatusCodes.Status400BadRequest);
    }

    private static Error WrongForm(string name) => Error.Invalid(name, $"The value of '{name}' is missing or has the wrong form.");

    /// <summary><c>$.parts[0].text</c> → <c>parts[0].text</c>; null for the root.</summary>
    private static string? FieldOf(string? path) => path is { Length: > 2 } && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;

    [GeneratedRegex("""parameter "\S+ (?<name>\w+)" """)]
    private static partial Regex Parameter();
}
