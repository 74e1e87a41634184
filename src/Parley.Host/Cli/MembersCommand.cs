using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Platform.Cli;

namespace Parley.Host.Cli;

/// <summary><c>parley members …</c>: who works in a workspace, and as what.</summary>
internal static class MembersCommand
{
    private const string Root = "v1/members";
    private static readonly Argument<string> Who = new("MEMBER") { Description = "Their address or their id" };
    private static readonly Argument<string> Email = new("EMAIL") { Description = "Their address" };
    private static readonly Argument<string> Role = new("ROLE") { Description = "The key of a role; 'parley members roles' lists them" };
    private static readonly Option<string> AsRole = new("--role") { HelpName = "ROLE", Description = "The key of a role", DefaultValueFactory = _ => "agent" };
    private static readonly Option<string?> Name = new("--name") { Description = "Make an account of this name with a first password, for who has none on this instance" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    internal static Command Create() => new("members", "Who works in a workspace: list, invite, change roles, remove")
    {
        CommandFrame.CreateClient("list", "All members", [], async (context, parsed, ct) =>
            await context.PrintAsync("members", await context.Http.AllAsync(Root, ct), Line, "Nobody is a member.")),
        CommandFrame.CreateClient("roles", "The roles that there are", [], async (context, parsed, ct) =>
            await context.PrintAsync("roles", await context.Http.AllAsync("v1/roles", ct), RoleLine, "There are no roles.")),
        CommandFrame.CreateClient("invite", "Invite somebody, or make an account with --name; prints what they need, which is shown this once", [Email, AsRole, Name], InviteAsync),
        CommandFrame.CreateClient("invitations", "Invitations that wait", [], async (context, parsed, ct) =>
            await context.PrintAsync("invitations", await context.Http.AllAsync("v1/invitations", ct),
                i => $"{i.Text("id")}  {i.Text("email"),-32} {i.Text("role"),-12} until {i.Time("expiresAt")} UTC", "Nobody is invited.")),
        CommandFrame.CreateClient("role", "Give a member another role", [Who, Role], async (context, parsed, ct) =>
        {
            var member = await FindAsync(context, parsed, ct);
            return await context.PrintAsync(await context.Http.SendAsync(HttpMethod.Patch, $"{Root}/{member.Text("userId")}", new { role = parsed.GetValue(Role) }, ct),
                $"{member.Text("email")} is {parsed.GetValue(Role)} now.");
        }),
        CommandFrame.CreateClient("remove", "Remove a member; their sessions end", [Who, Yes], RemoveAsync),
    };

    private static async Task<int> InviteAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var (email, role) = (parsed.GetValue(Email), parsed.GetValue(AsRole));
        if (parsed.GetValue(Name) is { } name)
        {
            var made = await context.Http.SendAsync(HttpMethod.Post, Root, new { email, name, role }, ct);
            return await context.PrintAsync(made, $"{email} is a member. First password, shown this once: {made.Text("temporaryPassword")}");
        }
        var invited = await context.Http.SendAsync(HttpMethod.Post, "v1/invitations", new { email, role }, ct);
        return await context.PrintAsync(invited, $"Whoever has an account with {invited.Text("email")} joins with this code, which is shown this once: {invited.Text("code")}");
    }

    private static async Task<int> RemoveAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var member = await FindAsync(context, parsed, ct);
        if (!parsed.GetValue(Yes))
            throw new CommandException($"{member.Text("email")} would be removed from the workspace. Repeat with --yes.");
        await context.Http.SendAsync(HttpMethod.Delete, $"{Root}/{member.Text("userId")}", null, ct);
        return await context.PrintAsync(member, $"{member.Text("email")} is no member any more.");
    }

    private static async Task<JsonObject> FindAsync(CommandContext context, ParseResult parsed, CancellationToken ct)
    {
        var who = parsed.GetValue(Who)!;
        return (await context.Http.AllAsync(Root, ct)).FirstOrDefault(m => m.Text("userId") == who || string.Equals(m.Text("email"), who, StringComparison.OrdinalIgnoreCase))
            ?? throw new CommandException($"There is no member '{who}'. 'parley members list' shows all.");
    }

    private static string Line(JsonObject member) => string.Create(CultureInfo.InvariantCulture,
        $"{member.Text("userId")}  {member.Text("email"),-32} {member.Text("role"),-12} {member.Text("name")}{(member["disabled"]?.GetValue<bool>() == true ? "  disabled" : "")}{(member["secondFactor"]?.GetValue<bool>() == true ? "  second factor" : "")}");

    private static string RoleLine(JsonObject role) => string.Create(CultureInfo.InvariantCulture,
        $"{role.Text("key"),-20} {role.Text("name"),-24} {role.Number("members")} members, {(role["permissions"] as JsonArray ?? []).Count} permissions");
}
