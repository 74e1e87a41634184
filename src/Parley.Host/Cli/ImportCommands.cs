using System.CommandLine;
using Parley.Knowledge.Imports;

namespace Parley.Host.Cli;

/// <summary><c>parley import PATH</c>.</summary>
internal static class ImportCommands
{
    private static readonly Argument<string> Source = new("PATH") { Description = "A folder, a file, or the address of a page or a sitemap" };
    private static readonly Option<string?> Audience = new("--audience") { HelpName = "public|customers|internal", Description = "Who may be answered from it (a new source: public)" };
    private static readonly Option<string?> Language = new("--language") { HelpName = "TAG", Description = "Language of documents that state none, such as en" };

    internal static Command Create() => CommandFrame.CreateClient("import", "Import documentation: what is new or changed is read, what is gone is removed",
        [Source, Audience, Language], (command, parsed, ct) =>
            ImportCommand.RunAsync(command, new ImportCommandOptions(parsed.GetValue(Source)!, parsed.GetValue(Audience), parsed.GetValue(Language)), ct));
}
