using System.CommandLine;
using System.Text.Json;
using Parley.Host.Instance;
using Parley.Identity;
using Parley.Platform.Cli;
using Parley.Platform.Data;
using Parley.Platform.Errors;

namespace Parley.Host.Cli;

/// <summary><c>parley operator create|reset</c>: accounts of the people who run the instance, for when nobody can sign in.</summary>
internal static class OperatorCommand
{
    private static readonly Argument<string> NewEmail = new("EMAIL") { Description = "The new operator's address" };
    private static readonly Argument<string?> ExistingEmail = new("EMAIL") { Arity = ArgumentArity.ZeroOrOne, Description = "The operator's address; not needed where there is only one" };

    internal static Command Create() => new("operator", "Accounts of the people who run this instance")
    {
        CommandFrame.Create("create", "Make an operator; prints the password once", [NewEmail, CommandFrame.Tenant, CommandFrame.Json, CommandFrame.Quiet], CreateAsync),
        CommandFrame.Create("reset", "Give an operator a new password; prints it once and ends open sessions", [ExistingEmail, CommandFrame.Json, CommandFrame.Quiet], ResetAsync),
    };

    private static async Task<int> CreateAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var access = await ServiceAccess.OpenAsync(CommandFrame.DataOf(parsed), CommandFrame.ProgressOf(parsed), ct);
        var slug = parsed.GetValue(CommandFrame.Tenant)!;
        var tenant = await access.Services.GetRequiredService<SystemDb>().QuerySingleOrDefaultAsync<Guid?>("select tenant_by_slug(@slug)", new { slug }, ct)
            ?? throw new CommandException($"There is no tenant '{slug}'. Start Parley once, or name another with --tenant SLUG.");
        return Print(parsed, await access.Services.GetRequiredService<Bootstrap>().CreateOperatorAsync(tenant, parsed.GetValue(NewEmail)!, ct));
    }

    private static async Task<int> ResetAsync(ParseResult parsed, CancellationToken ct)
    {
        await using var access = await ServiceAccess.OpenAsync(CommandFrame.DataOf(parsed), CommandFrame.ProgressOf(parsed), ct);
        return Print(parsed, await access.Services.GetRequiredService<Bootstrap>().ResetOperatorAsync(parsed.GetValue(ExistingEmail), ct));
    }

    private static int Print(ParseResult parsed, Result<OperatorCredentials> result)
    {
        if (!result.TryGet(out var operatorAccount, out var error))
            throw new CommandException(error.Fields.Count > 0 ? string.Join(" ", error.Fields.SelectMany(f => f.Value)) : error.Message);
        parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(CommandFrame.Json)
            ? JsonSerializer.Serialize(new { email = operatorAccount.Email, password = operatorAccount.Password })
            : $"Email     {operatorAccount.Email}\nPassword  {operatorAccount.Password}   (shown once)");
        return 0;
    }
}
