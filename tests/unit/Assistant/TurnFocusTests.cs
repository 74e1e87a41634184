using Parley.Assistant;
using Parley.Assistant.Analysis;
using Parley.Assistant.Contracts;
using Parley.Knowledge.Retrieval;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

/// <summary>What a message asks, given what was said before it.</summary>
public sealed class TurnFocusTests
{
    private const string Asked = "How do I deploy from the dashboard?";
    private const string Answered = "Press Deploy in the dashboard.";
    private const string AskedBack = "I am not sure what you mean. Is it about one of these?\n\n- Volumes\n- Cron jobs\n- Volume backups";

    [Theory]
    [InlineData("No, I meant the CLI", "How do I deploy from the dashboard the CLI", "the CLI")]
    [InlineData("not the dashboard, the CLI", "How do I deploy from the CLI?", "the CLI")]
    [InlineData("No, not from the dashboard but from the CLI!", "How do I deploy from the CLI?", "from the CLI")]
    [InlineData("I meant the CLI, not the dashboard.", "How do I deploy from the CLI?", "the CLI")]
    [InlineData("no, the CLI", "How do I deploy from the dashboard the CLI", "the CLI")]
    [InlineData("Nein, ich meinte die Kommandozeile", "How do I deploy from the dashboard die Kommandozeile", "die Kommandozeile")]
    [InlineData("Nicht das Dashboard, sondern die Kommandozeile.", "How do I deploy from the die Kommandozeile?", "die Kommandozeile")]
    [InlineData("No, me refería a la terminal", "How do I deploy from the dashboard la terminal", "la terminal")]
    [InlineData("Non, je voulais dire la console", "How do I deploy from the dashboard la console", "la console")]
    [InlineData("Нет, я имел в виду командную строку", "How do I deploy from the dashboard командную строку", "командную строку")]
    [InlineData("Hayır, komut satırını kastettim", "How do I deploy from the dashboard komut satırını", "komut satırını")]
    [InlineData("不是，我是说命令行", "How do I deploy from the dashboard 命令行", "命令行")]
    [InlineData("لا، أقصد سطر الأوامر", "How do I deploy from the dashboard سطر الأوامر", "سطر الأوامر")]
    public void A_correction_puts_its_words_into_the_question_before(string message, string question, string corrected)
    {
        var focus = Of(message, Customer(Asked), Assistant(Answered));
        (focus.Text, focus.Corrected).ShouldBe((question, corrected));
        focus.History.ShouldBeEmpty();
    }

    [Fact]
    public void A_correction_that_asks_by_itself_is_its_own_question()
    {
        var focus = Of("No, I meant how do I delete a volume?", Customer(Asked), Assistant(Answered));
        (focus.Text, focus.Corrected).ShouldBe(("how do I delete a volume?", null));
    }

    [Theory]
    [InlineData("No, that is not what I see")]
    [InlineData("It is not the dashboard that fails")]
    [InlineData("And how much is it?")]
    [InlineData("Why is the CLI not working?")]
    [InlineData("no, it is not")]
    public void Other_messages_correct_nothing(string message)
    {
        var focus = Of(message, Customer(Asked), Assistant(Answered));
        (focus.Text, focus.Corrected).ShouldBe((message, null));
        focus.History.Count.ShouldBe(2);
    }

    [Fact]
    public void Without_a_question_before_there_is_nothing_to_correct() => Of("No, I meant the CLI").Corrected.ShouldBeNull();

    [Theory]
    [InlineData("Cron jobs", "Cron jobs")]
    [InlineData("cron jobs please", "Cron jobs")]
    [InlineData("the first", "Volumes")]
    [InlineData("2", "Cron jobs")]
    [InlineData("The third one.", "Volume backups")]
    [InlineData("das zweite", "Cron jobs")]
    [InlineData("第二个", "Cron jobs")]
    [InlineData("the backups", "Volume backups")]
    public void An_option_leads_back_to_the_question(string message, string chosen)
    {
        var focus = Of(message, Customer("How do I clean up?"), Assistant(AskedBack));
        (focus.Chosen, focus.Text).ShouldBe((chosen, "How do I clean up?"));
    }

    [Theory]
    [InlineData("5")]
    [InlineData("How do I delete a project?")]
    [InlineData("none of these")]
    [InlineData("volumes and cron jobs")]
    public void Another_message_is_no_choice(string message) => Of(message, Customer("How do I clean up?"), Assistant(AskedBack)).Chosen.ShouldBeNull();

    [Fact]
    public void A_list_further_up_is_no_offer() =>
        Of("1", Customer("How do I clean up?"), Assistant("These may be related:\n- Volumes\n- Cron jobs\n\nWould you like to talk to a person?")).Chosen.ShouldBeNull();

    [Theory]
    [InlineData("it does not work")]
    [InlineData("Help!")]
    [InlineData("Hi, I have a problem")]
    [InlineData("Can you help me please?")]
    [InlineData("Es funktioniert nicht")]
    [InlineData("Hallo, ich habe ein Problem")]
    [InlineData("Necesito ayuda")]
    [InlineData("ça ne marche pas")]
    [InlineData("J'ai un problème")]
    [InlineData("non funziona")]
    [InlineData("preciso de ajuda")]
    [InlineData("het werkt niet")]
    [InlineData("Am o problemă")]
    [InlineData("у меня проблема")]
    [InlineData("Не работает")]
    [InlineData("έχω ένα πρόβλημα")]
    [InlineData("bir sorunum var")]
    [InlineData("tôi cần giúp đỡ")]
    [InlineData("मुझे मदद चाहिए")]
    [InlineData("ใช้งานไม่ได้ครับ")]
    [InlineData("我有个问题")]
    [InlineData("لدي مشكلة")]
    public void A_trouble_without_a_subject_is_vague(string message) => QuestionAnalyzer.Analyze(message).Intent.ShouldBe(Intent.Vague);

    [Theory]
    [InlineData("The CLI does not work")]
    [InlineData("I have a problem with my volume")]
    [InlineData("help me deploy")]
    [InlineData("How does it work?")]
    [InlineData("Das Dashboard funktioniert nicht")]
    [InlineData("Wie funktioniert das?")]
    [InlineData("部署有问题")]
    [InlineData("What is an error budget?")]
    public void One_with_a_subject_is_a_question(string message) => QuestionAnalyzer.Analyze(message).Intent.ShouldBe(Intent.Question);

    private static TurnFocus Of(string message, params HistoryTurn[] history) =>
        TurnFocus.Of(new TurnQuestion { TenantId = Guid.Empty, Messages = [message], History = history, Profile = new AssistantProfile() }, "en");

    private static HistoryTurn Customer(string text) => new(TurnAuthor.Customer, text);

    private static HistoryTurn Assistant(string text) => new(TurnAuthor.Assistant, text);
}
