using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Parley.Host.Instance;

namespace Parley.Host.Web;

/// <summary>Kestrel, logging and JSON.</summary>
internal static class ServerSetup
{
    /// <summary>Bodies are small; endpoints that take files raise it for themselves.</summary>
    internal const int BodyLimit = 256 * 1024;

    internal static void ConfigureServer(this WebApplicationBuilder builder, InstanceOptions instance)
    {
        builder.Configuration.AddEnvironmentVariables();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
            Listen(kestrel, instance);
        });
        builder.Logging.AddParleyConsole(instance.LogLevel);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }

    /// <summary>One line per event on standard error: standard output belongs to results.</summary>
    internal static void AddParleyConsole(this ILoggingBuilder logging, LogLevel level)
    {
        const string timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        // For a person by default, for a collector of logs where PARLEY_LOG_FORMAT=json.
        if (Environment.GetEnvironmentVariable("PARLEY_LOG_FORMAT") == "json")
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat, console.IncludeScopes) = (true, timestamp.TrimEnd(), true));
        else
            logging.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, timestamp));
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Quartz", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None); // the caller is told
    }

    /// <summary>Routing, JSON, problem details, compression.</summary>
    internal static void AddHttp(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = SetRetryAfter);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true); // Errors.cs turns it into problem details that name the field
        services.AddApiDescription();
        services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        services.AddResponseCompression(compression =>
        {
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "image/svg+xml", "application/problem+json", "application/manifest+json"];
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Optimal);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Optimal);
    }

    /// <summary>Results cannot set headers; what they say about another try becomes one here.</summary>
    private static void SetRetryAfter(ProblemDetailsContext context)
    {
        if (context.ProblemDetails.Extensions.TryGetValue("retryAfterSeconds", out var value) && value is int seconds)
            context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The wire's JSON: camelCase names, enums as the snake_case words of the database, numbers as numbers.</summary>
    internal static void Configure(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    private static void Listen(KestrelServerOptions kestrel, InstanceOptions instance)
    {
        if (instance is { Listen: "localhost", Port: > 0 }) kestrel.ListenLocalhost(instance.Port);
        else kestrel.Listen(instance.Listen == "localhost" ? IPAddress.Loopback : IPAddress.Parse(instance.Listen), instance.Port);
    }

    /// <summary>The command line decides when to stop; the framework's own lifetime would answer the same signals a second time.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
