using System.Reflection;
using Parley.Host;
using Shouldly;
using Xunit;

namespace Parley.Tests.Architecture;

/// <summary>Calls go down, events go up; a module shows its doors, its contracts, and what another module really uses.</summary>
public sealed class ModuleTests
{
    private const string Prefix = "Parley.";

    [Fact]
    public void A_module_uses_only_modules_above_it() =>
        OrderViolations([.. Modules.All.Select(module => (Short(module), Parleys(module)))]).ShouldBeEmpty();

    [Fact]
    public void The_order_test_can_fail() =>
        OrderViolations([("Platform", ["Identity"]), ("Identity", ["Platform"])]).ShouldBe(["Platform uses Identity, which comes after it"]);

    [Fact]
    public void Every_module_is_listed_so_that_its_rules_and_migrations_count()
    {
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src"), "Parley.*").Select(Path.GetFileName).Where(name => name != "Parley.Host");
        Modules.All.Select(module => module.GetName().Name).ShouldBe(folders, ignoreOrder: true);
    }

    [Fact]
    public void What_is_public_is_a_door_a_contract_or_used_by_another_module()
    {
        Assembly[] consumers = [.. Modules.All, typeof(Modules).Assembly];
        var violations = Modules.All.Where(module => Short(module) != "Platform").SelectMany(module => PublicViolations(
            module.GetExportedTypes(),
            consumers.Where(consumer => consumer != module).SelectMany(consumer => Assemblies.TypesUsed(consumer, module.GetName().Name!)).ToHashSet(StringComparer.Ordinal)));
        string.Join("\n", violations).ShouldBeEmpty();
    }

    [Fact]
    public void The_public_test_can_fail() =>
        PublicViolations([typeof(Unused), typeof(Used), typeof(SeenThroughUsed)], [typeof(Used).FullName!]).ShouldBe([typeof(Unused).FullName!]);

    [Fact]
    public void A_module_has_its_two_doors()
    {
        foreach (var module in Modules.All)
        {
            var name = Short(module);
            if (module.GetType($"{Prefix}{name}.{name}Module") is { } doors)
            {
                doors.GetMethod("Add" + name).ShouldNotBeNull($"{doors} has no Add{name}");
            }
        }
    }

    internal static IEnumerable<string> OrderViolations(IReadOnlyList<(string Name, IReadOnlyList<string> Uses)> modules)
    {
        var order = modules.Select(module => module.Name).ToList();
        return from module in modules
               from used in module.Uses
               let position = order.IndexOf(used)
               where position < 0 || position > order.IndexOf(module.Name)
               select position < 0 ? $"{module.Name} uses {used}, which is no module" : $"{module.Name} uses {used}, which comes after it";
    }

    internal static List<string> PublicViolations(IEnumerable<Type> exported, HashSet<string> used)
    {
        var types = exported.Where(type => !type.IsNested).ToList();
        var allowed = types.Where(type => type.Name.EndsWith("Module", StringComparison.Ordinal)
            || type.IsEnum // words; a theory's parameters must be public
            || (type.Namespace ?? "").Contains(".Contracts", StringComparison.Ordinal) || used.Any(name => name == type.FullName || name.StartsWith(type.FullName + "+", StringComparison.Ordinal))).ToHashSet();
        // What an allowed type shows in its signatures has to be public as well.
        for (var found = allowed.ToList(); found.Count > 0;)
        {
            found = [.. found.SelectMany(Shown).Where(type => types.Contains(type) && allowed.Add(type))];
        }
        return [.. types.Where(type => !allowed.Contains(type)).Select(type => type.FullName!).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<Type> Shown(Type type)
    {
        const BindingFlags visible = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var signatures = type.GetMembers(visible).SelectMany(member => member switch
        {
            MethodBase method when method.IsPublic || method.IsFamily => method.GetParameters().Select(p => p.ParameterType)
                .Concat(method is MethodInfo info ? [info.ReturnType, .. info.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints())] : []),
            FieldInfo { IsPublic: true } field => [field.FieldType],
            Type { IsNestedPublic: true } nested => Shown(nested),
            _ => [],
        });
        return signatures.Concat(type.GetInterfaces()).Append(type.BaseType ?? typeof(object)).SelectMany(Unwrap);
    }

    private static IEnumerable<Type> Unwrap(Type type)
    {
        if (type.HasElementType)
        {
            return Unwrap(type.GetElementType()!);
        }
        var plain = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return [plain.IsNested && plain.DeclaringType is { } outer ? outer : plain, .. type.GetGenericArguments().SelectMany(Unwrap)];
    }

    private static string Short(Assembly module) => module.GetName().Name![Prefix.Length..];

    private static List<string> Parleys(Assembly module) =>
        [.. module.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..])];
}

public sealed class Unused;

public sealed class SeenThroughUsed;

public sealed class Used
{
    public IReadOnlyList<SeenThroughUsed?> Show { get; } = [];
}
