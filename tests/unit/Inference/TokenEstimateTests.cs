using System.Text;
using Parley.Inference;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Inference;

public sealed class TokenEstimateTests
{
    /// <summary>Our own sentences with their true counts in the o200k and cl100k vocabularies.</summary>
    public static TheoryData<string, int, int> Counted() => new()
    {
        { "Open the settings page, choose Members and press Invite. The new colleague receives a mail with a link that stays valid for two days.", 27, 27 },
        { "Si no recibe el correo, compruebe la carpeta de correo no deseado y vuelva a enviar la invitación desde la página de miembros.", 29, 33 },
        { "Öffnen Sie die Einstellungen, wählen Sie Mitglieder und klicken Sie auf Einladen. Die Einladung ist zwei Tage lang gültig.", 26, 34 },
        { "Ανοίξτε τις ρυθμίσεις, επιλέξτε μέλη και πατήστε πρόσκληση. Ο σύνδεσμος ισχύει για δύο ημέρες.", 38, 90 },
        { "Deschideți setările, alegeți membrii și apăsați pe invitație. Legătura rămâne valabilă două zile.", 32, 41 },
        { "Откройте настройки, выберите участников и нажмите «Пригласить». Ссылка действует два дня.", 24, 41 },
        { "Ayarları açın, üyeleri seçin ve davet düğmesine basın. Bağlantı iki gün boyunca geçerlidir.", 30, 39 },
        { "افتح الإعدادات واختر الأعضاء ثم اضغط على دعوة. الرابط صالح لمدة يومين.", 22, 50 },
        { "Mở phần cài đặt, chọn thành viên rồi nhấn mời. Liên kết có hiệu lực trong hai ngày.", 26, 38 },
        { "เปิดการตั้งค่า เลือกสมาชิก แล้วกดเชิญ ลิงก์ใช้งานได้สองวัน", 24, 53 },
        { "打开设置，选择成员，然后点击邀请。链接在两天内有效。", 16, 22 },
        { "सेटिंग खोलें, सदस्य चुनें और आमंत्रण दबाएँ। लिंक दो दिन तक मान्य रहता है।", 25, 77 },
        { "설정을 열고 구성원을 선택한 다음 초대를 누르세요. 링크는 이틀 동안 유효합니다.", 24, 43 },
        { "```bash\nexport DATABASE_URL=postgres://app:secret@db.internal:5432/app\nnpm run migrate -- --dry-run\n```\n\n| Plan | Seats |\n|---|---|\n| Free | 2 |\n", 46, 46 },
        { "Error E-4021: request 7f3a9c21 failed after 30000 ms (retry 3/5), see https://status.example.com/incidents/2291.", 40, 40 },
    };

    [Theory]
    [MemberData(nameof(Counted))]
    public void The_estimate_is_within_its_published_error(string text, int current, int predecessor)
    {
        var count = TokenEstimate.Count(text);
        count.ShouldBeInRange((int)Math.Floor(current * .7) - 1, (int)Math.Ceiling(current * 1.35) + 1);
        TokenEstimate.UpperBound(text).ShouldBeGreaterThanOrEqualTo(Math.Max(current, predecessor));
    }

    [Fact]
    public void Nothing_costs_nothing_and_something_costs_at_least_one()
    {
        TokenEstimate.Count("").ShouldBe(0);
        TokenEstimate.UpperBound("").ShouldBe(0);
        TokenEstimate.Count("\n").ShouldBe(1);
    }

    [Theory]
    [InlineData("The quick brown fox")]
    [InlineData("ᚠᛇᚻ ᛒᛦᚦ 😀😀😀")]
    [InlineData("\ud800 a lone surrogate")]
    public void The_bound_is_never_below_the_estimate_and_never_far_above_the_bytes(string text)
    {
        TokenEstimate.UpperBound(text).ShouldBeGreaterThanOrEqualTo(TokenEstimate.Count(text));
        TokenEstimate.UpperBound(text).ShouldBeLessThanOrEqualTo(Encoding.UTF8.GetByteCount(text) + 4);
    }

    [Fact]
    public void A_longer_text_never_has_a_smaller_bound()
    {
        const string Text = "Set PORT=8080, then run `npm start` (v1.2.3).\n\nПривет, мир! 你好，世界。 สวัสดี ÄÖÜ";
        for (var i = 1; i <= Text.Length; i++)
            TokenEstimate.UpperBound(Text.AsSpan(0, i)).ShouldBeGreaterThanOrEqualTo(TokenEstimate.UpperBound(Text.AsSpan(0, i - 1)));
    }
}
