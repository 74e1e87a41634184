using FsCheck;
using FsCheck.Fluent;
using Parley.Knowledge.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Knowledge;

public sealed class SentenceSplitterTests
{
    /// <summary>Sentences are separated by | in the expectation.</summary>
    [Theory]
    [InlineData("Open the settings. Press save.", "Open the settings.|Press save.")]
    [InlineData("Is it on? Yes! Good.", "Is it on?|Yes!|Good.")]
    [InlineData("No. The plan costs $5. See No. 7 and No. Seven.", "No.|The plan costs $5.|See No. 7 and No. Seven.")]
    [InlineData("Use a runtime, e.g. Node.js or Python, etc. and start it.", "Use a runtime, e.g. Node.js or Python, etc. and start it.")]
    [InlineData("Version v2.10.3 is out. See https://example.com/a.b?c=d. Edit config.yml. Done", "Version v2.10.3 is out.|See https://example.com/a.b?c=d.|Edit config.yml.|Done")]
    [InlineData("Dr. Smith and J. R. Doe came at 3 p.m. Nobody left.", "Dr. Smith and J. R. Doe came at 3 p.m. Nobody left.")]
    [InlineData("It costs $3.50 a month. In 2010. The next year it rose.", "It costs $3.50 a month.|In 2010.|The next year it rose.")]
    [InlineData("He said \"Stop.\" Then he left. (This is one. It stays whole.) End.", "He said \"Stop.\"|Then he left.|(This is one. It stays whole.)|End.")]
    [InlineData("Run `npm i. Then` and [read. This](https://x.y/z. w) first. Next.", "Run `npm i. Then` and [read. This](https://x.y/z. w) first.|Next.")]
    [InlineData("Wait... it goes on. **Bold ends.** Plain.", "Wait... it goes on.|**Bold ends.**|Plain.")]
    [InlineData("First paragraph\nwraps here\n\nSecond one", "First paragraph\nwraps here|Second one")]
    [InlineData("Die Frist endet am 3. Oktober, d.h. bald. Bitte z.B. heute handeln. Danke.", "Die Frist endet am 3. Oktober, d.h. bald.|Bitte z.B. heute handeln.|Danke.")]
    [InlineData("Оплата прошла, т.е. всё готово. Спасибо! См. раздел 5. Далее.", "Оплата прошла, т.е. всё готово.|Спасибо!|См. раздел 5.|Далее.")]
    [InlineData("Πού είναι; Εδώ. Τέλος.", "Πού είναι;|Εδώ.|Τέλος.")]
    [InlineData("付款被拒绝。请重试！为什么？因为“卡已过期。”好的", "付款被拒绝。|请重试！|为什么？|因为“卡已过期。”|好的")]
    [InlineData("サーバーは再起動します。v2.5を使ってください。", "サーバーは再起動します。|v2.5を使ってください。")]
    [InlineData("सेवा बंद रही। फिर चालू हुई। ठीक है?", "सेवा बंद रही।|फिर चालू हुई।|ठीक है?")]
    [InlineData("هل يعمل؟ نعم. شكراً!", "هل يعمل؟|نعم.|شكراً!")]
    [InlineData("설정을 여세요. 저장을 누르세요.", "설정을 여세요.|저장을 누르세요.")]
    [InlineData("Unclosed ( bracket. Next one.", "Unclosed ( bracket.|Next one.")]
    [InlineData("Logs, metrics, etc. The rest follows.", "Logs, metrics, etc.|The rest follows.")]
    [InlineData("Edit it. railway.json is read first. iPhones too.", "Edit it.|railway.json is read first.|iPhones too.")]
    [InlineData("First line\n- item one\n- item two\n2) item three", "First line|- item one|- item two|2) item three")]
    [InlineData("1. Open it. Then wait.", "1. Open it.|Then wait.")]
    [InlineData("Run ``a `b. C` d`` now. Done.", "Run ``a `b. C` d`` now.|Done.")]
    [InlineData("Wie z.B. hier. Das gilt u.a. auch dort.", "Wie z.B. hier.|Das gilt u.a. auch dort.")]
    [InlineData("", "")]
    [InlineData(" \n\n ", "")]
    public void Sentences_end_where_readers_see_them_end(string text, string expected) =>
        string.Join('|', SentenceSplitter.Split(text).Select(s => text.Substring(s.Start, s.Length))).ShouldBe(expected);

    [Fact]
    public void Thai_clauses_are_cut_at_spaces_once_they_are_long_enough()
    {
        const string First = "การชำระเงินถูกปฏิเสธเพราะบัตรหมดอายุเมื่อเดือนที่แล้ว กรุณาเพิ่มบัตรใบใหม่ในหน้าการตั้งค่าก่อนวันสิ้นเดือน";
        const string Second = "ตรวจสอบว่าที่อยู่เครือข่ายได้รับอนุญาตในหน้าการตั้งค่า ถ้ายังใช้งานไม่ได้ให้ติดต่อเจ้าหน้าที่ฝ่ายสนับสนุน";
        var text = $"{First} {Second} ขอบคุณ";
        SentenceSplitter.Split(text).Select(s => text.Substring(s.Start, s.Length)).ShouldBe([First, Second, "ขอบคุณ"]);
        SentenceSplitter.Split("สวัสดี ครับ").Count.ShouldBe(1);
    }

    [Fact]
    public void Nothing_but_white_space_is_ever_lost() =>
        Prop.ForAll(
            Gen.Elements("Word", "etc", ".", "!", "?", "。", "।", " ", "\n", "\n\n", "(", ")", "[", "`", "\"", "3", "e.g.", "etc.", "railway.json", "\n- ", "\n1. ", "``", "ไทย", "付", "…", "https://a.b").ArrayOf().ToArbitrary(),
            parts =>
            {
                var text = string.Concat(parts);
                var spans = SentenceSplitter.Split(text);
                var end = 0;
                foreach (var (start, length) in spans)
                {
                    start.ShouldBeGreaterThanOrEqualTo(end);
                    text[end..start].ShouldBeNullOrWhiteSpace();
                    length.ShouldBeGreaterThan(0);
                    text.Substring(start, length).ShouldBe(text.Substring(start, length).Trim());
                    end = start + length;
                }
                text[end..].ShouldBeNullOrWhiteSpace();
            }).QuickCheckThrowOnFailure();
}
