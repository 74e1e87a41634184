using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Parley.Testkit.Models;

/// <summary>How the double behaves when nothing goes wrong.</summary>
public sealed record ModelsDoubleOptions
{
    /// <summary>0: any free port.</summary>
    public int Port { get; init; }

    /// <summary>How long a streamed answer thinks.</summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>How long each further word takes.</summary>
    public TimeSpan BetweenTokens { get; init; }
}

/// <summary>What was asked.</summary>
/// <param name="Path">Without a fault in front.</param>
/// <param name="Headers">All.</param>
/// <param name="Body">As it came.</param>
public sealed record SeenRequest(string Path, IReadOnlyDictionary<string, string> Headers, JsonElement Body);

/// <summary>The bill of a key, in disjoint counts.</summary>
public sealed record Billed
{
    /// <summary>Tokens of prompts at the full price.</summary>
    public long Input { get; init; }

    /// <summary>Tokens read from the cache.</summary>
    public long CachedRead { get; init; }

    /// <summary>Tokens written to the cache.</summary>
    public long CacheWrite { get; init; }

    /// <summary>Tokens of answers.</summary>
    public long Output { get; init; }

    /// <summary>Searches.</summary>
    public long Searches { get; init; }

    internal Billed And(Billed more) => new()
    {
        Input = Input + more.Input, CachedRead = CachedRead + more.CachedRead, CacheWrite = CacheWrite + more.CacheWrite, Output = Output + more.Output, Searches = Searches + more.Searches,
    };
}

/// <summary>
/// Model providers on loopback, by their documented protocols, for tests and for people without keys. Never part of the product.
/// <see cref="Fault"/> says how to make it fail, <see cref="Answering"/> how it answers.
/// </summary>
public sealed class ModelsDouble : IAsyncDisposable
{
    private const int Remembered = 1000;

    private readonly WebApplication _app;
    private readonly Answering _answering = new();
    private readonly ConcurrentQueue<Fault> _nextFaults = new();
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private readonly ConcurrentDictionary<string, Billed> _billed = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _abandoned = new();
    private readonly BatchDesk _batches = new();

    private ModelsDouble(WebApplication app, ModelsDoubleOptions options, TimeProvider time) => (_app, Options, Time) = (app, options, time);

    /// <summary>What a key has been billed for, as the double counted it itself.</summary>
    public Billed BilledTo(string key) => _billed.GetValueOrDefault(key) ?? new Billed();

    /// <summary>What a key has been billed for by batches.</summary>
    public Billed BatchBilledTo(string key) => BilledTo(BatchBill(key));

    /// <summary>What is still kept for a key: batches and files.</summary>
    public int KeptFor(string key) => _batches.KeptFor(key);

    /// <summary>How many batches a key has ever made.</summary>
    public int BatchesOf(string key) => _batches.MadeBy(key);

    internal static string BatchBill(string key) => key + " (batch)";

    /// <summary>Ends when a caller with this key has gone before its answer was complete.</summary>
    public Task AbandonedBy(string key) => _abandoned.GetOrAdd(key, _ => new()).Task;

    /// <summary>Where it is, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What was asked, oldest first.</summary>
    public IReadOnlyCollection<SeenRequest> Requests => _requests;

    internal ModelsDoubleOptions Options { get; }

    internal void Bill(string key, Billed billed) => _billed.AddOrUpdate(key, billed, (_, before) => before.And(billed));

    internal TimeProvider Time { get; }

    /// <summary>The base URL of an account.</summary>
    /// <param name="path">For example <c>/anthropic</c>.</param>
    /// <param name="fault">Null: nothing goes wrong.</param>
    public Uri At(string path, string? fault = null) => new(Address + (fault is null ? "" : "/~" + fault) + path);

    /// <summary>The next answer.</summary>
    public void Script(ScriptedAnswer answer) => _answering.Script(answer);

    /// <summary>The next call that names no fault of its own fails so, whoever makes it.</summary>
    public void FailNext(string fault) => _nextFaults.Enqueue(Fault.Parse(fault));

    /// <summary>The next calls go wrong.</summary>
    public void Fail(params string[] faults) => Array.ForEach([.. faults.Select(Fault.Parse)], _nextFaults.Enqueue);

    /// <summary>Starts it.</summary>
    public static async Task<ModelsDouble> StartAsync(ModelsDoubleOptions? options = null, TimeProvider? time = null)
    {
        options ??= new ModelsDoubleOptions();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.Port));
        builder.Services.AddRouting();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        var app = builder.Build();
        var world = new ModelsDouble(app, options, time ?? TimeProvider.System);
        world.Map();
        await app.StartAsync();
        world.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return world;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        var cache = new PromptCache(Time);
        var (anthropic, openAi) = (new AnthropicWire(_answering, cache), new OpenAiWire(_answering, cache));
        _app.Use(FaultInPath);
        _app.UseRouting();
        Post("/anthropic/v1/messages", anthropic.ServeAsync, AnthropicWire.Error, AnthropicWire.Refuses);
        Post("/openai/v1/chat/completions", openAi.ServeAsync, (status, message) => OpenAiWire.Error(status, message), OpenAiWire.Refuses);
        Post("/openai/v1/embeddings", EmbeddingsWire.OpenAiAsync, (status, message) => OpenAiWire.Error(status, message));
        Post("/voyage/v1/embeddings", EmbeddingsWire.VoyageAsync, Detail);
        Post("/voyage/v1/multimodalembeddings", EmbeddingsWire.VoyageMixedAsync, Detail);
        Post("/voyage/v1/rerank", RerankWire.VoyageAsync, Detail);
        Post("/cohere/v2/rerank", RerankWire.CohereAsync, (_, message) => new JsonObject { ["id"] = "double", ["message"] = message });
        Post("/jina/v1/rerank", RerankWire.JinaAsync, Detail);
        Post("/tei/rerank", RerankWire.TeiAsync, (status, message) => new JsonObject { ["error"] = message, ["error_type"] = status == 429 ? "overloaded" : status == 413 ? "validation" : "backend" });
        new BatchWire(_batches, this, Remember, NextFault).Map(_app, anthropic, openAi);
        Control();

        static JsonNode Detail(int status, string message) => new JsonObject { ["detail"] = message };
    }

    private void Control()
    {
        _app.MapGet("/", () => "Parley's model double. Start it with ./parley dev models to see how to point accounts at it.");
        _app.MapGet("/control/requests", () => Results.Json(_requests));
        _app.MapGet("/control/bills", () => Results.Json(_billed));
        _app.MapGet("/control/faults", () => Results.Json(Fault.Names));
        _app.MapPost("/control/script", (ScriptedAnswer answer) => _answering.Script(answer));
        _app.MapPost("/control/faults", (string[] faults) =>
        {
            try
            {
                Fail(faults);
                return Results.NoContent();
            }
            catch (FormatException e)
            {
                return Results.Text(e.Message, statusCode: 400);
            }
        });
        _app.MapPost("/control/reset", () =>
        {
            _answering.Clear();
            _nextFaults.Clear();
            _requests.Clear();
        });
    }

    private static Task FaultInPath(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path.Value!;
        if (path.StartsWith("/~", StringComparison.Ordinal))
        {
            var end = path.IndexOf('/', 2);
            http.Items[nameof(Fault)] = path[2..(end < 0 ? path.Length : end)];
            http.Request.Path = end < 0 ? "/" : path[end..];
        }
        return next(http);
    }

    private void Post(string path, Func<Call, Task> serve, Func<int, string, JsonNode> error, Func<Call, string?>? refuses = null) => _app.MapPost(path, async (HttpContext http) =>
    {
        var body = (await JsonDocument.ParseAsync(http.Request.Body)).RootElement;
        Remember(path, http, body);
        var named = (body.TryGetProperty("model", out var model) ? model.GetString()! : "").Split('!', 2);
        var fault = NextFault(http, named.Length > 1 ? named[1] : null);
        var key = KeyOf(http);
        var call = new Call(http, body, key, named[0], fault, this);
        try
        {
            if (fault is { Name: "slow" })
            {
                await fault.WaitAsync(Time, http.RequestAborted);
            }
            await (Failure(call, path, refuses) is var (status, message) ? FailAsync(call, status, message, error) : serve(call));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            _abandoned.GetOrAdd(key, _ => new()).TrySetResult();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException && !http.Response.HasStarted)
        {
            await FailAsync(call, 400, $"The double cannot read this: {e.Message}", error);
        }
    });

    internal static string KeyOf(HttpContext http) => http.Request.Headers["x-api-key"].FirstOrDefault() ?? http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);

    private Fault? NextFault(HttpContext http, string? ofModel)
    {
        var wanted = http.Items[nameof(Fault)] as string ?? ofModel ?? http.Request.Headers["x-fault"].FirstOrDefault();
        return wanted is not null ? Fault.Parse(wanted) : _nextFaults.TryDequeue(out var next) ? next : null;
    }

    /// <summary>Messages repeat the key and the prompt, as providers' messages do.</summary>
    private static (int Status, string Message)? Failure(Call call, string path, Func<Call, string?>? refuses)
    {
        if (call.Fault is { } fault && Fault.Statuses.TryGetValue(fault.Name, out var status))
        {
            return (status, fault.Name == "too-long" ? "prompt is too long: 250000 tokens > 200000 maximum" : $"You asked with {call.Key}: {call.Body.GetRawText()}");
        }
        if (call.Key.Length == 0 && !path.StartsWith("/tei", StringComparison.Ordinal))
        {
            return (401, "No key.");
        }
        if (call.Model.StartsWith("missing", StringComparison.Ordinal))
        {
            return (404, $"The model {call.Model} does not exist.");
        }
        return refuses?.Invoke(call) is { } parameter ? (400, $"{parameter} is not supported with this model.") : null;
    }

    private static Task FailAsync(Call call, int status, string message, Func<int, string, JsonNode> error)
    {
        if (call.Fault?.Number("retry-after") is { } seconds)
        {
            call.Http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        call.Http.Response.Headers["request-id"] = "req_double";
        var body = call.Fault is { Name: "no-credit" } ? OpenAiWire.Error(status, message, code: "insufficient_quota") : error(status, message);
        return call.JsonAsync(body, status);
    }

    private void Remember(string path, HttpContext http, JsonElement body)
    {
        _requests.Enqueue(new SeenRequest(path, http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        while (_requests.Count > Remembered)
        {
            _requests.TryDequeue(out _);
        }
    }
}
