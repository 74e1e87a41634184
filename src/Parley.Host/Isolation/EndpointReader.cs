using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Parley.Platform.Authorization;

namespace Parley.Host.Isolation;

/// <summary>Reads every endpoint of the running application: its method, route, permission, and each place where it takes an id.</summary>
internal sealed class EndpointReader(IServiceProvider services)
{
    private static readonly string[] AnyMethod = ["GET"];
    private readonly JsonSerializerOptions _json = services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
    private readonly IServiceProviderIsService _isService = services.GetRequiredService<IServiceProviderIsService>();

    internal IReadOnlyList<EndpointCase> Read(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.OfType<RouteEndpoint>().SelectMany(Read).OrderBy(c => c.Pattern, StringComparer.Ordinal).ThenBy(c => c.Method, StringComparer.Ordinal)];

    private IEnumerable<EndpointCase> Read(RouteEndpoint endpoint)
    {
        var pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        var rule = endpoint.Metadata.GetMetadata<AccessRule>() ?? throw new InvalidOperationException($"{pattern} has no access rule.");
        foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? AnyMethod)
        {
            var name = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"{method} {pattern}";
            yield return Describe(endpoint, name, method, pattern, rule);
        }
    }

    private EndpointCase Describe(RouteEndpoint endpoint, string name, string method, string pattern, AccessRule rule)
    {
        var (slots, unknown) = (new List<Slot>(), new List<string>());
        var accepts = endpoint.Metadata.GetMetadata<IAcceptsMetadata>();
        var handler = endpoint.Metadata.GetMetadata<MethodInfo>();
        JsonNode? body = null;
        var opaque = handler is null;
        if (handler is null)
        {
            unknown.AddRange(endpoint.RoutePattern.Parameters.Where(p => !p.IsCatchAll).Select(p => p.Name));
        }
        foreach (var parameter in handler is null ? [] : Flatten(handler.GetParameters()))
        {
            if (parameter.Type == typeof(HttpContext) || parameter.Type == typeof(HttpRequest))
            {
                opaque = true;
            }
            else if (accepts?.RequestType == parameter.Type && !parameter.IsSimple)
            {
                body = new BodySample(_json, pattern, slots, unknown).Of(parameter.Type);
            }
            else if (parameter.IsSimple && !_isService.IsService(parameter.Type))
            {
                Place(parameter, endpoint, pattern, slots, unknown);
            }
        }
        return new EndpointCase(name, method, pattern, rule, slots)
        {
            Body = body, IsOpaque = opaque, Unknown = unknown, TakesFiles = accepts?.ContentTypes.Contains("multipart/form-data", StringComparer.Ordinal) ?? false,
        };
    }

    private static void Place(Parameter parameter, RouteEndpoint endpoint, string pattern, List<Slot> slots, List<string> unknown)
    {
        var inPath = endpoint.RoutePattern.Parameters.Any(p => p.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase));
        var place = inPath ? SlotPlace.Path : parameter.IsHeader ? SlotPlace.Header : SlotPlace.Query;
        if (parameter.IsId)
        {
            Add(Kinds.OfId(parameter.Name, pattern), known: false);
        }
        else if (parameter.Type == typeof(string))
        {
            var (kind, known) = Kinds.OfText(parameter.Name);
            Add(kind, known && (kind is not null || !inPath));
        }

        void Add(string? kind, bool known)
        {
            if (kind is not null)
            {
                slots.Add(new Slot(place, parameter.Name, kind, parameter.IsMany));
            }
            else if (!known)
            {
unknown.Add(parameter.Name);
            }
        }
    }

    private static IEnumerable<Parameter> Flatten(IEnumerable<ParameterInfo> parameters) =>
        from parameter in parameters
        from flat in parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [Parameter.Of(parameter.Name!, parameter.ParameterType, parameter)]
            : parameter.ParameterType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite).Select(property => Parameter.Of(property.Name, property.PropertyType, property))
        select flat;

    /// <summary>A parameter of a handler, by its name on the wire.</summary>
    private sealed record Parameter(string Name, Type Type, bool IsHeader, bool IsMany)
    {
        internal bool IsId => Type == typeof(Guid);

        internal bool IsSimple => Type.IsPrimitive || Type.IsEnum || Type == typeof(string) || Type == typeof(Guid) || Type == typeof(DateTimeOffset) || Type == typeof(decimal);

        internal static Parameter Of(string name, Type type, ICustomAttributeProvider attributes)
        {
            var bound = attributes.GetCustomAttributes(inherit: false).OfType<IFromHeaderMetadata>().FirstOrDefault();
            var element = type.IsArray ? type.GetElementType()! : type;
            return new Parameter(bound?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(name), Nullable.GetUnderlyingType(element) ?? element, bound is not null, type.IsArray);
        }
    }
}
