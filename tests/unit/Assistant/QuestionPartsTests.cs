using Parley.Assistant.Analysis;
using Shouldly;
using Xunit;

namespace Parley.Tests.Unit.Assistant;

public sealed class QuestionPartsTests
{
    [Theory]
    [InlineData("en", "How do I delete a volume and what does it cost?", "How do I delete a volume", "what does it cost?")]
    [InlineData("en", "Can I rename a project? And who may do it?", "Can I rename a project?", "And who may do it?")]
    [InlineData("en", "Hi! How do I delete a volume, and can I restore it later?", "Hi! How do I delete a volume", "can I restore it later?")]
    [InlineData("en", "What is a volume, how do I resize it and how much does it cost?", "What is a volume, how do I resize it", "how much does it cost?")]
    [InlineData("en", "Where do logs go? How long are they kept? Can I export them?", "Where do logs go?", "How long are they kept?", "Can I export them?")]
    [InlineData("de", "Wie lösche ich ein Volume und was kostet das?", "Wie lösche ich ein Volume", "was kostet das?")]
    [InlineData("es", "¿Cómo borro un volumen y cuánto cuesta?", "¿Cómo borro un volumen", "cuánto cuesta?")]
    [InlineData("fr", "Comment supprimer un volume et combien ça coûte ?", "Comment supprimer un volume", "combien ça coûte ?")]
    [InlineData("it", "Come elimino un volume e quanto costa al mese?", "Come elimino un volume", "quanto costa al mese?")]
    [InlineData("pt", "Como apago um volume e quanto custa por mês?", "Como apago um volume", "quanto custa por mês?")]
    [InlineData("nl", "Hoe verwijder ik een volume en wat kost dat?", "Hoe verwijder ik een volume", "wat kost dat?")]
    [InlineData("ro", "Cum șterg un volum și cât costă pe lună?", "Cum șterg un volum", "cât costă pe lună?")]
    [InlineData("ru", "Как удалить том и сколько это стоит?", "Как удалить том", "сколько это стоит?")]
    [InlineData("el", "Πώς διαγράφω έναν τόμο και πόσο κοστίζει αυτό;", "Πώς διαγράφω έναν τόμο", "πόσο κοστίζει αυτό;")]
    [InlineData("tr", "Bir birimi nasıl silerim ve aylık ücreti ne kadar?", "Bir birimi nasıl silerim", "aylık ücreti ne kadar?")]
    [InlineData("vi", "Làm thế nào để xóa một ổ đĩa và chi phí là bao nhiêu?", "Làm thế nào để xóa một ổ đĩa", "chi phí là bao nhiêu?")]
    [InlineData("hi", "मैं वॉल्यूम कैसे हटाऊँ और इसकी कीमत कितनी है?", "मैं वॉल्यूम कैसे हटाऊँ", "इसकी कीमत कितनी है?")]
    [InlineData("th", "ฉันจะลบวอลุ่มอย่างไรบ้าง และค่าใช้จ่ายเท่าไร?", "ฉันจะลบวอลุ่มอย่างไรบ้าง", "ค่าใช้จ่ายเท่าไร?")]
    [InlineData("zh", "怎么删除存储卷，以及费用是多少？", "怎么删除存储卷", "费用是多少？")]
    [InlineData("ar", "كيف أحذف وحدة التخزين وكم تكلفة ذلك؟", "كيف أحذف وحدة التخزين", "كم تكلفة ذلك؟")]
    public void Several_questions_are_told_apart(string language, string text, params string[] parts) => QuestionParts.Of(text, language).ShouldBe(parts);

    [Theory]
    [InlineData("en", "How do I start and stop a service?")]
    [InlineData("en", "What is the difference between what a volume does and what a bucket does?")]
    [InlineData("en", "When and where was it founded?")]
    [InlineData("en", "Can I order a new card and have it sent to me in China?")]
    [InlineData("en", "How do I deploy? Why?")]
    [InlineData("en", "Hi, how are you? How do I deploy a service?")]
    [InlineData("en", "It says ERR-12 and what I tried did not help")]
    [InlineData("en", "Which services restart when one fails and when another one stops?")]
    [InlineData("de", "Wie starte und stoppe ich einen Dienst?")]
    [InlineData("de", "Was ist der Unterschied zwischen Volumes und wie Buckets arbeiten?")]
    [InlineData("tr", "İlk varyant Avrupa'ya nasıl ve ne zaman girmiştir?")]
    [InlineData("zh", "第一个变体如何，何时进入欧洲？")]
    [InlineData("fi", "Miten poistan levyn ja mitä se maksaa?")]
    public void What_is_in_doubt_stays_one_question(string language, string text) => QuestionParts.Of(text, language).ShouldBe([text]);

    [Fact]
    public void More_than_three_questions_stay_with_the_last() =>
        QuestionParts.Of("Where do logs go? How long are they kept? Can I export them? Who can read them?", "en")
            .ShouldBe(["Where do logs go?", "How long are they kept?", "Can I export them? Who can read them?"]);

    [Fact]
    public void A_story_is_not_taken_apart() =>
        QuestionParts.Of(string.Concat(Enumerable.Repeat("What happened to the logs? ", 30)), "en").Count.ShouldBe(1);
}
