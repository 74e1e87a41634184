using System.Collections.Frozen;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Platform.Authorization;
using IdentityOptions = Parley.Identity.IdentityOptions;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Identity;

public sealed class IdentityRulesTests
{
    [Theory]
    [InlineData(null, "at least 12")]
    [InlineData("elevenchars", "at least 12")]
    [InlineData("ana@example.com!", "e-mail")]
    [InlineData("ANA@EXAMPLE.COM and more", "e-mail")]
    [InlineData("abababababab", "different characters")]
    [InlineData("twelve chars", null)]
    [InlineData("correct horse battery staple", null)]
    public void A_password_is_judged_with_a_reason(string? password, string? reason)
    {
        var problem = Passwords.Problem(password, "ana@example.com");
        if (reason is null) problem.ShouldBeNull();
        else problem.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public void A_password_longer_than_we_would_hash_is_refused() => Passwords.Problem(string.Concat(Enumerable.Repeat("abcdefgh", 26)), "a@b").ShouldNotBeNull();

    [Fact]
    public void Generated_passwords_pass_their_own_rules_and_differ()
    {
        var made = Enumerable.Range(0, 200).Select(_ => Passwords.Generate()).ToList();
        made.ShouldAllBe(password => Passwords.Problem(password, "a@b.c") == null);
        made.Distinct().Count().ShouldBe(200);
    }

    [Fact]
    public async Task Hashes_use_the_cost_that_is_set_and_older_ones_ask_to_be_renewed()
    {
        using var old = new Passwords(Options.Create(new IdentityOptions { PasswordIterations = 1000 }));
        using var current = new Passwords(Options.Create(new IdentityOptions { PasswordIterations = 2000 }));
        var hash = await old.HashAsync("correct horse", default);
        (await old.VerifyAsync(hash, "correct horse", default)).ShouldBe(PasswordVerificationResult.Success);
        (await current.VerifyAsync(hash, "correct horse", default)).ShouldBe(PasswordVerificationResult.SuccessRehashNeeded);
        (await current.VerifyAsync(hash, "wrong horse", default)).ShouldBe(PasswordVerificationResult.Failed);
        (await current.VerifyAsync(null, "correct horse", default)).ShouldBe(PasswordVerificationResult.Failed);
        new IdentityOptions().PasswordIterations.ShouldBeGreaterThanOrEqualTo(210_000);
    }

    [Fact]
    public void Bearer_tokens_are_long_random_and_recognisable()
    {
        var tokens = Enumerable.Range(0, 500).Select(_ => BearerToken.Create("pk_")).ToList();
        tokens.ShouldAllBe(token => token.StartsWith("pk_") && token.Length == 46 && token.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'));
        tokens.Distinct().Count().ShouldBe(500);
        BearerToken.Hash("x").Length.ShouldBe(32);
        BearerToken.Hash("x").ShouldNotBe(BearerToken.Hash("y"));
    }

    [Fact]
    public void Permissions_outside_the_catalogue_are_nothing()
    {
        RoleRules.PermissionsOf("custom", ["members:read", "widget:talk", "made:up"]).ShouldBe(["members:read"]);
        RoleRules.PermissionsOf("custom", null).ShouldBeEmpty();
        RoleRules.PermissionsOf("viewer", ["members:write"]).ShouldBe(Permission.BuiltInRoles["viewer"]);
    }

    [Fact]
    public void Whoever_grants_must_hold_every_permission_granted()
    {
        foreach (var (giver, held) in Permission.BuiltInRoles)
        {
            var caller = new Caller(CallerKind.User, Guid.CreateVersion7(), Guid.CreateVersion7(), held);
            foreach (var (role, granted) in Permission.BuiltInRoles)
            {
                (RoleRules.MayHandle(caller, granted) is null).ShouldBe(granted.All(held.Contains), $"{giver} grants {role}");
            }
        }
    }

    [Fact]
    public void A_row_hash_covers_every_part_and_none_can_stand_for_another()
    {
        var row = new AuditRow
        {
            Id = Guid.CreateVersion7(), At = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), ActorKind = "user", ActorId = Guid.CreateVersion7(),
            Action = "thing.done", TargetKind = "thing", TargetId = "1", PayloadHash = new byte[32],
        };
        var others = new[]
        {
            row with { Id = Guid.CreateVersion7() }, row with { At = row.At.AddMicroseconds(1) }, row with { ActorKind = "system" }, row with { ActorId = null },
            row with { Action = "thing.undone" }, row with { TargetKind = null }, row with { TargetKind = "" }, row with { TargetId = "2" },
            row with { TargetKind = "thing1", TargetId = "" }, row with { PayloadHash = [.. new byte[31], 1] },
        };
        var hashes = others.Append(row).Select(r => Convert.ToHexString(AuditChain.RowHash(r))).ToList();
        hashes.Distinct().Count().ShouldBe(hashes.Count);
        AuditChain.RowHash(row).ShouldBe(AuditChain.RowHash(row with { At = row.At.AddTicks(1) })); // the database keeps microseconds
    }

    [Fact]
    public void An_audit_actor_says_what_kind_of_caller_it_was()
    {
        var id = Guid.CreateVersion7();
        AuditActor Of(CallerKind kind, Guid who) => AuditActor.Of(new Caller(kind, Guid.CreateVersion7(), who, FrozenSet<string>.Empty) { Ip = "192.0.2.1" });
        Of(CallerKind.User, id).ShouldBe(new AuditActor("user", id, "192.0.2.1"));
        Of(CallerKind.ApiKey, id).ShouldBe(new AuditActor("api_key", id, "192.0.2.1"));
        Of(CallerKind.EndUser, id).ShouldBe(new AuditActor("end_user", id, "192.0.2.1"));
        Of(CallerKind.Operator, Guid.Empty).ShouldBe(new AuditActor("operator", null, "192.0.2.1"));
    }
}
