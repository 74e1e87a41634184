using System.Text.Json;
using Parley.Assistant.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class QuestionAnalyzerTests
{
    [Theory]
    [InlineData("Hi", Intent.Greeting)]
    [InlineData("Hello there!", Intent.Greeting)]
    [InlineData("good morning everyone", Intent.Greeting)]
    [InlineData("Hi Anna", Intent.Greeting)]
    [InlineData("Thanks a lot!", Intent.Thanks)]
    [InlineData("ok great, thank you so much for your help", Intent.Thanks)]
    [InlineData("Bye, have a nice day", Intent.Goodbye)]
    [InlineData("Who are you?", Intent.Chat)]
    [InlineData("are you a bot?", Intent.Chat)]
    [InlineData("Hello, why isn't my cron running?", Intent.Question)]
    [InlineData("thanks, but how do I delete it?", Intent.Question)]
    [InlineData("Hi pricing?", Intent.Question)]
    [InlineData("good pricing", Intent.Question)]
    [InlineData("What is a thank you page?", Intent.Question)]
    [InlineData("  ", Intent.Unclear)]
    [InlineData("??? 😀", Intent.Unclear)]
    [InlineData("Hola, buenos días", Intent.Greeting)]
    [InlineData("Muchas gracias", Intent.Thanks)]
    [InlineData("Guten Tag", Intent.Greeting)]
    [InlineData("Vielen Dank für die schnelle Hilfe!", Intent.Thanks)]
    [InlineData("Auf Wiedersehen", Intent.Goodbye)]
    [InlineData("Bonjour", Intent.Greeting)]
    [InlineData("Merci beaucoup pour votre aide", Intent.Thanks)]
    [InlineData("Olá, bom dia", Intent.Greeting)]
    [InlineData("Muito obrigado", Intent.Thanks)]
    [InlineData("Grazie mille", Intent.Thanks)]
    [InlineData("Buongiorno", Intent.Greeting)]
    [InlineData("Hartelijk dank", Intent.Thanks)]
    [InlineData("Goedemorgen", Intent.Greeting)]
    [InlineData("Mulțumesc frumos", Intent.Thanks)]
    [InlineData("Teşekkür ederim", Intent.Thanks)]
    [InlineData("Cảm ơn bạn nhiều", Intent.Thanks)]
    [InlineData("Καλημέρα", Intent.Greeting)]
    [InlineData("Спасибо большое", Intent.Thanks)]
    [InlineData("شكرا جزيلا", Intent.Thanks)]
    [InlineData("नमस्ते", Intent.Greeting)]
    [InlineData("ขอบคุณมากค่ะ", Intent.Thanks)]
    [InlineData("你好", Intent.Greeting)]
    [InlineData("谢谢你", Intent.Thanks)]
    [InlineData("Wie ändere ich mein Passwort?", Intent.Question)]
    [InlineData("¿Cómo cambio mi contraseña?", Intent.Question)]
    [InlineData("如何更改密码？", Intent.Question)]
    public void Small_talk_is_told_from_questions(string text, Intent intent) => QuestionAnalyzer.Analyze(text).Intent.ShouldBe(intent);

    [Theory]
    [InlineData("I want to talk to a human")]
    [InlineData("can I speak with someone please")]
    [InlineData("Connect me to an agent")]
    [InlineData("I need a real person")]
    [InlineData("agent please")]
    [InlineData("representative")]
    [InlineData("This is useless, let me talk to a real person now!!")]
    [InlineData("How do I talk to a human?")]
    [InlineData("Quiero hablar con una persona")]
    [InlineData("¿Puedo hablar con un agente?")]
    [InlineData("Ich möchte mit einem Menschen sprechen")]
    [InlineData("Können Sie mich mit einem Mitarbeiter verbinden?")]
    [InlineData("Je voudrais parler à un conseiller")]
    [InlineData("Puis-je parler à quelqu'un ?")]
    [InlineData("Quero falar com um atendente")]
    [InlineData("Vorrei parlare con un operatore")]
    [InlineData("Ik wil met een medewerker spreken")]
    [InlineData("Vreau să vorbesc cu o persoană")]
    [InlineData("Bir insanla görüşmek istiyorum")]
    [InlineData("Tôi muốn nói chuyện với một người thật")]
    [InlineData("Θέλω να μιλήσω με έναν άνθρωπο")]
    [InlineData("Хочу поговорить с живым человеком")]
    [InlineData("Соедините меня с оператором")]
    [InlineData("أريد التحدث مع شخص")]
    [InlineData("मैं किसी व्यक्ति से बात करना चाहता हूँ")]
    [InlineData("อยากคุยกับเจ้าหน้าที่ค่ะ")]
    [InlineData("我想和真人说话")]
    [InlineData("转人工")]
    public void A_wish_for_a_person_is_understood(string text) => QuestionAnalyzer.Analyze(text).Intent.ShouldBe(Intent.Person);

    [Theory]
    [InlineData("How can my customers talk to a human in the widget?")]
    [InlineData("I don't want to talk to a human, just tell me the price")]
    [InlineData("What does the agent do when a build fails?")]
    [InlineData("Which AI agent frameworks are supported?")]
    [InlineData("How do I invite a person to my workspace?")]
    [InlineData("Wie lade ich einen Mitarbeiter ein?")]
    [InlineData("How many people can join a project?")]
    public void Speaking_of_people_is_no_wish_for_one(string text) => QuestionAnalyzer.Analyze(text).Intent.ShouldBe(Intent.Question);

    [Theory]
    [InlineData("AB-1234", QuestionType.Exact)]
    [InlineData("What does ERR_CONNECTION_REFUSED mean?", QuestionType.Exact)]
    [InlineData("I get error 502", QuestionType.Exact)]
    [InlineData("How do I configure SSL?", QuestionType.Technical)]
    [InlineData("Is there an API?", QuestionType.Technical)]
    [InlineData("How do I cancel?", QuestionType.Conversational)]
    [InlineData("¿Cómo cancelo mi plan?", QuestionType.Conversational)]
    [InlineData("What is a workspace?", QuestionType.Conceptual)]
    [InlineData("HELP", QuestionType.Conversational)]
    public void Question_types_follow_the_rules(string text, QuestionType type) => QuestionAnalyzer.Analyze(text).Type.ShouldBe(type);

    [Theory]
    [InlineData("How do I add a domain?", Sentiment.Neutral)]
    [InlineData("That works great, I love it", Sentiment.Positive)]
    [InlineData("The build is broken and slow", Sentiment.Negative)]
    [InlineData("This is terrible", Sentiment.Negative)]
    [InlineData("This is terrible, the worst and most awful support", Sentiment.Frustrated)]
    [InlineData("THIS IS TERRIBLE NOTHING WORKS!!!", Sentiment.Frustrated)]
    [InlineData("WHY IS MY BUILD FAILING", Sentiment.Negative)]
    [InlineData("Das ist eine Frechheit, einfach furchtbar und lächerlich", Sentiment.Frustrated)]
    [InlineData("Esto es horrible, pésimo, una vergüenza", Sentiment.Frustrated)]
    public void Feelings_follow_the_rules(string text, Sentiment sentiment) => QuestionAnalyzer.Analyze(text).Sentiment.ShouldBe(sentiment);

    [Theory]
    [InlineData("What is a workspace?", 0, "small")]
    [InlineData("Can I add users and remove them?", .3, "medium")]
    [InlineData("Why? And how?", .3, "medium")]
    [InlineData("How do I configure authentication if deployment fails and I must debug the architecture?", .8, "large")]
    [InlineData("Which function returns the date?", 0, "large")]
    public void Complexity_follows_the_rules(string text, double complexity, string tier)
    {
        var analysis = QuestionAnalyzer.Analyze(text);
        analysis.Complexity.ShouldBe(complexity, 1e-9);
        analysis.Tier.ShouldBe(tier);
    }

    [Fact]
    public void Long_messages_are_more_complex() =>
        QuestionAnalyzer.Analyze(string.Join(' ', Enumerable.Repeat("word", 31))).Complexity.ShouldBe(.2, 1e-9);

    [Fact]
    public void The_language_of_a_sentence_is_told_in_sixteen_languages()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Knowledge", "Fixtures", "analyzer-golden.jsonl"))
            .Select(l => JsonSerializer.Deserialize<Row>(l, options)!).Where(r => AnalysisLexicon.All.ContainsKey(r.Lang)).ToList();
        rows.Select(r => r.Lang).Distinct().Count().ShouldBe(16);
        var wrong = rows.Where(r => LanguageDetector.Detect(r.Text, "xx") != r.Lang).Select(r => $"{r.Lang} {LanguageDetector.Detect(r.Text, "xx")}: {r.Text}").ToList();
        wrong.Count.ShouldBeLessThanOrEqualTo(rows.Count / 20, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("", "de", "de")]
    [InlineData("502", "de", "de")]
    [InlineData("Railway CLI", "fr", "fr")]
    [InlineData("Привіт, як змінити пароль? Дякую за її роботу", "en", "uk")]
    [InlineData("パスワードを変更したい", "en", "ja")]
    [InlineData("비밀번호를 변경하고 싶어요", "en", "ko")]
    [InlineData("如何在Linux服务器上安装Docker和Kubernetes", "en", "zh")]
    public void Without_evidence_the_fallback_stands_and_scripts_decide(string text, string fallback, string language) =>
        LanguageDetector.Detect(text, fallback).ShouldBe(language);

    private sealed record Row(string Lang, string Text);
}
