using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Conversations.Contracts;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Identity.Workspaces;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley export</c>, <c>retention</c>, <c>erase</c> and <c>workspace</c>: what is kept, taken along and deleted for good.</summary>
internal static class PrivacyCommands
{
    private const string Exports = "v1/workspace/exports";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly Argument<string> File = new("FILE") { Description = "Where the archive goes, such as workspace.zip" };
    private static readonly Argument<string> Id = new("ID") { Description = "Its id" };
    private static readonly Argument<string> Slug = new("SLUG") { Description = "The workspace" };
    private static readonly Option<string?> Confirm = new("--confirm") { HelpName = "NAME", Description = "The workspace's name, to say that it is meant" };
    private static readonly Option<string?> WorkspaceName = new("--name") { Description = "As people read it (default: the short name)" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };
    private static readonly Option<string?> Conversations = Days("--conversations", "Delete conversations this many days after they were closed");
    private static readonly Option<string?> Traces = Days("--traces", "Delete how answers came about after this many days");
    private static readonly Option<string?> Audit = Days("--audit", "Forget details and addresses of the audit log after this many days");

    internal static Command CreateExport() =>
        CommandFrame.CreateClient("export", "Write everything that a workspace holds into one ZIP", [File], ExportAsync);

    internal static Command CreateRetention() => new("retention", "How long a workspace keeps conversations, traces and details of the audit log")
    {
        CommandFrame.CreateClient("show", "What is in force", [], async (context, parsed, ct) =>
        {
            var found = await context.Http.SendAsync(HttpMethod.Get, "v1/retention", null, ct);
            return await context.PrintAsync(found, Words(found));
        }),
        CommandFrame.CreateClient("preview", "What would be deleted now with these bounds", [Conversations, Traces, Audit], (context, parsed, ct) => ChangeAsync(context, parsed, preview: true, ct)),
        CommandFrame.CreateClient("set", "Change bounds: a number of days, or 'keep'. Applied each night", [Conversations, Traces, Audit], (context, parsed, ct) => ChangeAsync(context, parsed, preview: false, ct)),
    };

    internal static Command CreateErase() => new("erase", "Delete a conversation or a customer for good")
    {
        CommandFrame.CreateClient("conversation", "One conversation with everything that is known of it", [Id, Yes], (context, parsed, ct) => EraseAsync(context, parsed, "conversations", "conversation", ct)),
        CommandFrame.CreateClient("customer", "A customer with all conversations", [Id, Yes], (context, parsed, ct) => EraseAsync(context, parsed, "customers", "customer", ct)),
    };

    internal static Command CreateWorkspace() => new("workspace", "Workspaces of this instance")
    {
        CommandFrame.Create("create", "Make a workspace; the operators of the instance are its owners", [Slug, WorkspaceName, CommandFrame.Quiet], CreateAsync),
        CommandFrame.Create("delete", "Delete a workspace with everything in it, for good", [Slug, Confirm, CommandFrame.Quiet], async (parsed, ct) =>
        {
            await using var access = await ServiceAccess.OpenAsync(CommandFrame.DataOf(parsed), CommandFrame.ProgressOf(parsed), ct);
            var result = await access.Services.GetRequiredService<WorkspaceDeletion>().DeleteAsync(parsed.GetValue(Slug)!, parsed.GetValue(Confirm), ct);
            if (!result.TryGet(out var name, out var error))
                throw new CommandException(error.Message);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{name} is deleted.");
            return 0;
        }),
    };

    private static async Task<int> CreateAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var access = await ServiceAccess.OpenAsync(CommandFrame.DataOf(parsed), CommandFrame.ProgressOf(parsed), ct);
        var (slug, bootstrap) = (parsed.GetValue(Slug)!, access.Services.GetRequiredService<Bootstrap>());
        if (slug.Length is 0 or > 64 || !slug.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') || slug[0] == '-' || slug[^1] == '-')
            throw new CommandException($"'{slug}' is no short name of a workspace: use up to 64 small letters, digits and hyphens, such as acme-support.");
        var name = parsed.GetValue(WorkspaceName) ?? slug;
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl))
            throw new CommandException("--name takes 1 to 200 characters in one line.");
        if (!(await bootstrap.CreateTenantAsync(slug, name.Trim(), demo: false, ct)).TryGet(out var tenant, out var error))
            throw new CommandException(error.Message);
        await access.Services.GetRequiredService<ConversationsBootstrap>().EnsureDefaultsAsync(tenant, ct);
        var owners = await bootstrap.GiveToOperatorsAsync(tenant, ct);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{slug} is made, with {owners} {(owners == 1 ? "owner" : "owners")}."));
        return 0;
    }

    private static Option<string?> Days(string name, string what) => new(name) { HelpName = "DAYS|keep", Description = what };

    private static async Task<int> ExportAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var target = Path.GetFullPath(parsed.GetValue(File)!);
        if (System.IO.File.Exists(target))
            throw new CommandException($"{target} is there already: name another file.");
        var export = await context.Http.SendAsync(HttpMethod.Post, Exports, null, ct);
        var path = $"{Exports}/{export.Text("id")}";
        for (var told = -1; export.Text("state") is "queued" or "running"; export = await context.Http.SendAsync(HttpMethod.Get, path, null, ct))
        {
            if (export.Number("done") != told && export.Number("total") > 0)
                context.Progress.Report(string.Create(CultureInfo.InvariantCulture, $"{told = export.Number("done")} of {export.Number("total")} parts"));
            await Task.Delay(Pause, ct);
        }
        if (export.Text("state") != "ready")
            throw new CommandException("The archive could not be made: 'parley jobs dead' says why.");
        var link = await context.Http.SendAsync(HttpMethod.Post, path + "/link", null, ct);
        await DownloadAsync(context.Http, link.Text("path")!.TrimStart('/'), target, ct);
        return await context.PrintAsync(export, $"{target}: {export["rows"]} rows, {export["files"]} files. It holds everything your customers wrote: keep it safe.");
    }

    /// <summary>Whole or not at all; readable by its owner alone.</summary>
    private static async Task DownloadAsync(HttpClient http, string path, string target, CancellationToken ct)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, ct);
        if (!response.IsSuccessStatusCode)
            throw new CommandException($"The archive cannot be fetched: the instance answered {(int)response.StatusCode}.");
        var draft = target + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using (var file = new FileStream(draft, options))
                await response.Content.CopyToAsync(file, ct);
            System.IO.File.Move(draft, target);
        }
        catch
        {
            System.IO.File.Delete(draft);
            throw;
        }
    }

    private static async Task<int> ChangeAsync(CommandContext context, ParseResult parsed, bool preview, CancellationToken ct)
    {
        var before = await context.Http.SendAsync(HttpMethod.Get, "v1/retention", null, ct);
        var body = new
        {
            conversationDays = Value(parsed, Conversations, before, "conversationDays"), traceDays = Value(parsed, Traces, before, "traceDays"),
            auditDays = Value(parsed, Audit, before, "auditDays"), version = before.Number("version"),
        };
        if (preview)
        {
            var found = await context.Http.SendAsync(HttpMethod.Post, "v1/retention/preview", body, ct);
            return await context.PrintAsync(found, $"{found["conversations"]} conversations, {found["customers"]} visitors without one, steps of {found["turns"]} answers, details of {found["auditEntries"]} entries of the audit log.");
        }
        var saved = await context.Http.SendAsync(HttpMethod.Put, "v1/retention", body, ct);
        return await context.PrintAsync(saved, Words(saved));
    }

    private static int? Value(ParseResult parsed, Option<string?> option, JsonObject before, string name) => parsed.GetValue(option) switch
    {
        null => before[name]?.GetValue<int>(),
        "keep" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) => days,
        _ => throw new CommandException($"{option.Name} takes a number of days, or 'keep'."),
    };

    private static string Words(JsonObject retention) => string.Join('\n', [
        $"Conversations         {Kept(retention, "conversationDays")}", $"How answers came about {Kept(retention, "traceDays")}", $"Details of the audit  {Kept(retention, "auditDays")}"]);

    private static string Kept(JsonObject retention, string name) => retention[name] is { } days ? $"{days} days" : "kept";

    private static async Task<int> EraseAsync(CommandContext context, ParseResult parsed, string root, string what, CancellationToken ct)
    {
        if (!Guid.TryParse(parsed.GetValue(Id), out var id))
            throw new CommandException($"'{parsed.GetValue(Id)}' is no id of a {what}.");
        if (!parsed.GetValue(Yes))
            throw new CommandException($"The {what} {id} would be deleted for good. Repeat with --yes.");
        var erased = await context.Http.SendAsync(HttpMethod.Post, $"v1/{root}/{id}/erase", new { confirm = "erase" }, ct);
        return await context.PrintAsync(erased, $"Deleted for good: {erased.Number("conversations")} conversation{(erased.Number("conversations") == 1 ? "" : "s")}.");
    }
}
