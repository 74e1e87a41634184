using System.Reflection;
using System.Text.RegularExpressions;
using Parley.Host;
using Shouldly;
using Xunit;

namespace Parley.Tests.Architecture;

/// <summary>Rules that are about the source's text.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] Nameless = ["Program.cs", "AssemblyInfo.cs", "GlobalUsings.cs"];

    [Fact]
    public void A_file_is_found_by_the_name_of_a_type_in_it() =>
        Repository.Sources("src").Where(file => !Nameless.Contains(Path.GetFileName(file)) && !IsNamedAfterAType(file, File.ReadAllText(Path.Combine(Repository.Root, file)))).ShouldBeEmpty();

    [Fact]
    public void The_name_test_can_fail()
    {
        IsNamedAfterAType("src/Parley.Foo/RequestHandoff.cs", "internal sealed class AcceptHandoff { }").ShouldBeFalse();
        IsNamedAfterAType("src/Parley.Foo/RequestHandoff.cs", "internal sealed class RequestHandoff(TenantDb db) { }").ShouldBeTrue();
    }

    [Fact]
    public void Every_constant_that_is_SQL_says_so_in_its_name_so_that_it_is_prepared_in_a_test() =>
        Modules.All.SelectMany(module => module.GetTypes()).SelectMany(UnnamedSql).ShouldBeEmpty();

    [Fact]
    public void The_SQL_test_can_fail() => UnnamedSql(typeof(Unnamed)).ShouldBe(["Parley.Tests.Architecture.SourceTests+Unnamed.Query"]);

    [Fact]
    public void No_module_makes_HTTP_clients_but_Platform() => // the host's command line has one, to its own instance
        Modules.All.Where(MakesHttpClients).Select(assembly => assembly.GetName().Name).ShouldBe(["Parley.Platform"]);

    [Fact]
    public void The_HTTP_test_can_fail() => MakesHttpClients(typeof(SourceTests).Assembly).ShouldBeTrue();

    [Fact]
    public void Inside_Platform_only_the_guarded_factory_makes_them() =>
        Repository.Sources("src/Parley.Platform").Where(file => File.ReadAllText(Path.Combine(Repository.Root, file)).Contains("new HttpClient(", StringComparison.Ordinal))
            .ShouldBe(["src/Parley.Platform/Outbound/GuardedHttp.cs"]);

    internal static bool IsNamedAfterAType(string file, string text)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        if (name.EndsWith("Vocabulary", StringComparison.Ordinal))
        {
            return true; // a module's words, constants of one kind each, in one place
        }
        // Foo.Bar.cs holds a part of Foo; a file of small types that belong together is named after what their names begin with.
        return Declared().Matches(text).Any(match => match.Groups["name"].Value.StartsWith(name.Split('.')[0], StringComparison.Ordinal));
    }

    internal static IEnumerable<string> UnnamedSql(Type type) =>
        from field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where field.IsLiteral && field.FieldType == typeof(string) && Statement().IsMatch((string)field.GetRawConstantValue()!) 
            // A "Select" is the beginning of other statements; it is prepared like them.
            && !field.Name.EndsWith("Sql", StringComparison.Ordinal) && !field.Name.EndsWith("Select", StringComparison.Ordinal)
        select $"{type.FullName}.{field.Name}";

    private static bool MakesHttpClients(Assembly assembly) => Assemblies.Constructs(assembly, "System.Net.Http", "HttpClient");

    [GeneratedRegex(@"\b(class|record|struct|interface|enum|delegate \w+)\s+(struct\s+|class\s+)?(?<name>\w+)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"^\s*(select\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s)", RegexOptions.IgnoreCase)]
    private static partial Regex Statement();

    private static class Unnamed
    {
        internal const string Query = "select 1";
        internal const string NamedSql = "select 1";
        internal const string Sentence = "selective reading";
    }

#pragma warning disable RS0030 // The violation that proves the test.
    internal static HttpClient Violation() => new();
#pragma warning restore RS0030
}
