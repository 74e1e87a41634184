using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Parley.Platform.Authorization;

namespace Parley.Host.Web;

/// <summary>The API's description at <c>/openapi/v1.json</c>, committed as <c>docs/openapi.json</c>, and a page to read it at <c>/docs/api</c>.</summary>
internal static class ApiDescription
{
    internal const string Document = "v1";
    private const string UserInterface = "docs/api";
    private const string Problem = "ProblemDetails";

    internal static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true || description.RelativePath?.StartsWith("health/", StringComparison.Ordinal) == true;
        // Requests and rows are nested in their use case: RequestHandoff.Request becomes RequestHandoffRequest.
        options.CreateSchemaReferenceId = info => OpenApiOptions.CreateDefaultSchemaReferenceId(info) is { } id
            ? info.Type.DeclaringType is { IsGenericType: false } outer ? outer.Name + id : id
            : null;
        options.AddDocumentTransformer(Describe);
        options.AddOperationTransformer(DescribeAccess);
    });

    internal static void UseApiPage(this WebApplication app)
    {
        app.UseWhen(http => http.Request.Path.StartsWithSegments($"/{UserInterface}", StringComparison.OrdinalIgnoreCase), branch =>
        {
            branch.Use((http, next) =>
            {
                http.Response.Headers.ContentSecurityPolicy =
                    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
                return next(http);
            });
            branch.UseSwaggerUI(page =>
            {
                page.RoutePrefix = UserInterface;
                page.DocumentTitle = "Parley API";
                page.SwaggerEndpoint($"/openapi/{Document}.json", "Parley");
                page.SupportedSubmitMethods(); // for reading: requests belong to programs, with keys of their own
            });
        });
    }

    internal static void MapApiDescription(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json").AllowPublic();

    /// <summary>The same text that the running application serves, without starting it.</summary>
    internal static async Task<string> WriteAsync(WebApplication app, CancellationToken ct)
    {
#pragma warning disable ASP0014 // The application is not run: this is what makes its routes known.
        app.UseEndpoints(_ => { });
#pragma warning restore ASP0014
        var document = await app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document).GetOpenApiDocumentAsync(ct);
        return await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct) + "\n";
    }

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Parley",
            Version = Document,
            Description = "Everything Parley does, over HTTP. Errors are RFC 9457 problem details with a stable `code`; lists are pages with a `next` cursor; "
                + "unsafe requests may carry an `Idempotency-Key`. Changes are additive only.",
        };
        document.Servers = [];
        document.AddComponent("session", new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "parley_session", Description = $"Console sign-in. Unsafe requests also need the header {Access.CsrfHeader}: 1." });
        document.AddComponent("bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key (pk_…) or the token of a widget session (ps_…)." });
        document.AddComponent(Problem, new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "RFC 9457",
            Required = new HashSet<string> { "status", "title", "code" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                ["title"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong and how to mend it" },
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable and machine-readable, e.g. conversation.closed" },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Description = "Field → what to do about it",
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                },
                ["retryAfterSeconds"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            },
        });
        return Task.CompletedTask;
    }

    private static Task DescribeAccess(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "A problem",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(Problem, context.Document) },
            },
        };
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault()?.Permission is not { } permission) return Task.CompletedTask;
        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("session", context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] },
        ];
        operation.AddExtension("x-permission", new JsonNodeExtension(JsonValue.Create(permission)));
        return Task.CompletedTask;
    }
}
