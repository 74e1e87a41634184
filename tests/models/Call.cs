using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Parley.Testkit.Models;

/// <summary>One call under way.</summary>
internal sealed class Call(HttpContext http, JsonElement body, string key, string model, Fault? fault, ModelsDouble world, bool batch = false)
{
    internal HttpContext Http => http;

    internal JsonElement Body => body;

    internal string Key => key;

    /// <summary>A batch has a bill of its own, because it has another price.</summary>
    internal string BillKey => batch ? ModelsDouble.BatchBill(key) : key;

    /// <summary>Without the fault behind it.</summary>
    internal string Model => model;

    internal Fault? Fault => fault;

    internal ModelsDouble World => world;

    internal CancellationToken Gone => http.RequestAborted;

    internal string Scope => $"{key}\u001e{model}";

    internal async Task JsonAsync(JsonNode answer, int status = 200)
    {
        http.Response.StatusCode = status;
        var bytes = Encoding.UTF8.GetBytes(fault is { Name: "malformed" } && status == 200 ? answer.ToJsonString()[..^1] + ",,"
            : fault is { Name: "html" } ? "<html><body>It works!</body></html>" : answer.ToJsonString());
        http.Response.ContentType = fault is { Name: "html" } ? "text/html" : "application/json";
        // A connection that closes before the length it has promised.
        http.Response.ContentLength = fault is { Name: "cut" or "ends-early" } && status == 200 ? bytes.Length + 1000 : bytes.Length;
        await http.Response.Body.WriteAsync(bytes, Gone);
    }
}

/// <summary>An answer in pieces, and what goes wrong while they are sent.</summary>
internal sealed class Pieces(Call call, Func<string> errorEvent)
{
    private const int PiecesBeforeFault = 2;

    private int _sent;

    /// <summary>False: the answer must not go on.</summary>
    internal bool Ended { get; private set; }

    internal async Task OpenAsync()
    {
        var response = call.Http.Response;
        response.ContentType = call.Fault is { Name: "html" } ? "text/html" : "text/event-stream";
        if (call.Fault is { Name: "cut" })
        {
            response.ContentLength = 1_000_000;
        }
        if (call.Fault is { Name: "html" })
        {
            await response.WriteAsync("<html><body>It works!</body></html>", call.Gone);
            Ended = true;
        }
    }

    /// <summary>Something that frames the answer.</summary>
    internal async Task FrameAsync(string? name, JsonNode data)
    {
        if (!Ended)
        {
            await WriteAsync((name is null ? "" : $"event: {name}\n") + $"data: {data.ToJsonString()}\n\n");
        }
    }

    /// <summary>A piece of the answer itself.</summary>
    internal async Task PieceAsync(string? name, JsonNode data)
    {
        if (Ended)
        {
            return;
        }
        if (_sent == 0)
        {
            await (call.Fault is { Name: "slow-first-token" } slow ? slow.WaitAsync(call.World.Time, call.Gone) : PauseAsync(call.World.Options.FirstToken));
        }
        if (_sent == (call.Fault?.Number("after") ?? PiecesBeforeFault))
        {
            await BreakAsync();
        }
        if (_sent++ > 0)
        {
            await PauseAsync(call.World.Options.BetweenTokens);
        }
        await FrameAsync(name, data);
    }

    internal async Task LastAsync(string text)
    {
        if (!Ended)
        {
            await WriteAsync(text);
        }
    }

    private async Task BreakAsync()
    {
        switch (call.Fault?.Name)
        {
            case "stall":
                await call.Fault.WaitAsync(call.World.Time, call.Gone);
                break;
            case "cut" or "ends-early":
                Ended = true;
                break;
            case "malformed":
                await WriteAsync("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"choices\":[{\"ind\n\n");
                break;
            case "error-event":
                await WriteAsync(errorEvent());
                Ended = true;
                break;
        }
    }

    private Task PauseAsync(TimeSpan pause) => pause > TimeSpan.Zero ? Task.Delay(pause, call.World.Time, call.Gone) : Task.CompletedTask;

    private async Task WriteAsync(string text)
    {
        await call.Http.Response.WriteAsync(text, call.Gone);
        await call.Http.Response.Body.FlushAsync(call.Gone);
    }
}

/// <summary>A text as a model writes it: word by word.</summary>
internal static class InPieces
{
    internal static IEnumerable<string> Of(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var space = text.IndexOf(' ', start + 1);
            var end = space < 0 ? text.Length : space;
            yield return text[start..end];
            start = end;
        }
    }
}
