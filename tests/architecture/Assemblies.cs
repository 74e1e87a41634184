using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Assembly = System.Reflection.Assembly;

namespace Parley.Tests.Architecture;

/// <summary>What an assembly says of itself, read from its metadata: what it really refers to, whatever its project file allows.</summary>
internal static class Assemblies
{
    /// <summary>Full names of the types of <paramref name="target"/> that <paramref name="source"/> refers to.</summary>
    internal static HashSet<string> TypesUsed(Assembly source, string target) => Read(source, reader =>
        reader.TypeReferences.Select(handle => FullName(reader, handle, target)).OfType<string>().ToHashSet(StringComparer.Ordinal));

    /// <summary>Does it call a constructor of the type?</summary>
    internal static bool Constructs(Assembly source, string ns, string type) => Read(source, reader => reader.MemberReferences.Any(handle =>
    {
        var member = reader.GetMemberReference(handle);
        if (reader.GetString(member.Name) != ".ctor" || member.Parent.Kind != HandleKind.TypeReference)
        {
            return false;
        }
        var parent = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
        return reader.GetString(parent.Name) == type && reader.GetString(parent.Namespace) == ns;
    }));

    private static string? FullName(MetadataReader reader, TypeReferenceHandle handle, string assembly)
    {
        var type = reader.GetTypeReference(handle);
        switch (type.ResolutionScope.Kind)
        {
            case HandleKind.AssemblyReference:
                var scope = reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
                return reader.GetString(scope.Name) == assembly ? reader.GetString(type.Namespace) + "." + reader.GetString(type.Name) : null;
            case HandleKind.TypeReference:
                return FullName(reader, (TypeReferenceHandle)type.ResolutionScope, assembly) is { } outer ? outer + "+" + reader.GetString(type.Name) : null;
            default:
                return null;
        }
    }

    private static T Read<T>(Assembly assembly, Func<MetadataReader, T> read)
    {
        using var file = File.OpenRead(assembly.Location);
        using var pe = new PEReader(file);
        return read(pe.GetMetadataReader());
    }
}
