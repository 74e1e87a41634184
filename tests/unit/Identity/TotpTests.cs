using System.Text;
using Parley.Identity;
using Parley.Platform.Secrets;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Identity;

public sealed class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, the rows of SHA-1.</summary>
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_the_rfc(long seconds, string code)
    {
        var step = Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds));
        Totp.Code(Secret, step, digits: 8).ShouldBe(code);
        Totp.Code(Secret, step).ShouldBe(code[2..]);
    }

    /// <summary>RFC 4226, appendix D: the same codes by counter.</summary>
    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(9, "520489")]
    public void Counters_are_those_of_the_rfc(long counter, string code) => Totp.Code(Secret, counter).ShouldBe(code);

    [Fact]
    public void A_code_holds_one_step_before_and_after_its_own_and_no_longer()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_111_111_111);
        var step = Totp.StepAt(now);
        foreach (var off in new[] { -1, 0, 1 }) Totp.StepOf(Secret, Totp.Code(Secret, step + off), now).ShouldBe(step + off);
        foreach (var off in new[] { -2, 2, 40 }) Totp.StepOf(Secret, Totp.Code(Secret, step + off), now).ShouldBeNull();
        Totp.StepOf(Totp.NewSecret(), Totp.Code(Secret, step), now).ShouldBeNull();
    }

    /// <summary>RFC 4648, section 10, without the padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_is_that_of_the_rfc(string text, string expected) => Totp.ToBase32(Encoding.ASCII.GetBytes(text)).ShouldBe(expected);

    [Fact]
    public void The_address_of_the_qr_code_names_product_and_account() =>
        Totp.Uri("ana+x@example.com", Secret).ShouldBe("otpauth://totp/Parley:ana%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Parley&digits=6&period=30");

    [Fact]
    public void Recovery_codes_differ_are_read_as_people_type_them_and_kept_for_one_account()
    {
        var codes = RecoveryCodes.Generate();
        codes.Distinct().Count().ShouldBe(RecoveryCodes.Count);
        RecoveryCodes.Read(" " + codes[0].ToUpperInvariant().Replace('-', ' ')).ShouldBe(codes[0].Replace("-", "", StringComparison.Ordinal));
        RecoveryCodes.Read("123456").ShouldBeNull();
        RecoveryCodes.Read(codes[0] + "x").ShouldBeNull();
        var kept = new RecoveryCodes(MasterKey.Parse(Convert.ToBase64String(new byte[32])));
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        kept.Hash(one, codes[0]).ShouldBe(kept.Hash(one, codes[0].ToUpperInvariant()));
        kept.Hash(one, codes[0]).ShouldNotBe(kept.Hash(two, codes[0]));
        kept.Hash(one, codes[0]).ShouldNotBe(new RecoveryCodes(MasterKey.Parse(Convert.ToBase64String([.. new byte[31], 1]))).Hash(one, codes[0]));
    }

    [Theory]
    [InlineData("Team lead", "team-lead-")]
    [InlineData("  Büro & Außendienst ", "bro-auendienst-")]
    [InlineData("客服", "role-")]
    [InlineData("A name that is a good deal longer than a key may be", "a-name-that-is-a-good-deal-lon-")]
    public void A_role_gets_a_key_of_its_own(string name, string begins)
    {
        var key = CustomRoles.KeyOf(name);
        key.ShouldStartWith(begins);
        key.ShouldMatch("^[a-z0-9-]{1,40}$");
        key.Length.ShouldBe(begins.Length + 6);
        CustomRoles.KeyOf(name).ShouldNotBe(key);
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("said \"yes\", twice", "\"said \"\"yes\"\", twice\"")]
    [InlineData(null, "")]
    public void A_cell_of_the_exported_log_runs_nothing(string? text, string cell) => ExportAudit.Cell(text).ShouldBe(cell);
}
