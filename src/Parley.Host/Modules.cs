using System.Reflection;
using Parley.Platform.Data;

namespace Parley.Host;

/// <summary>The modules in their call order: each may call those above it.</summary>
public static class Modules
{
    private static readonly string[] Names =
        ["Platform", "Identity", "Inference", "Knowledge", "Conversations", "Escalations", "Assistant", "Integrations", "Quality"];

    /// <summary>Their assemblies.</summary>
    public static IReadOnlyList<Assembly> All { get; } = [.. Names.Select(name => Assembly.Load("Parley." + name))];

    /// <summary>The SQL files of all modules.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } = [.. All.SelectMany(Migration.Of)];
}
