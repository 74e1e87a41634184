using System.Text.RegularExpressions;
using Parley.Escalations;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Analysis;

/// <summary>Analyses a message by rules, without a model. Pure.</summary>
internal static partial class QuestionAnalyzer
{
    /// <summary>A longer message is more than a greeting, whatever it begins with.</summary>
    private const int SmallTalkWords = 12;

    /// <summary>In a longer message "talk to a person" is rather part of a story than a request.</summary>
    private const int RequestWords = 40;

    /// <summary>Only so much of a long message is analysed.</summary>
    private const int CharactersRead = 4000;

    private static readonly string[] TechnicalTerms =
    [
        "configure", "implement", "integrate", "troubleshoot", "diagnose", "optimize", "architecture", "debug", "deployment", "authentication", "authorization",
    ];

    /// <param name="text">The customer's message.</param>
    /// <param name="fallbackLanguage">What to assume where the message does not show its language.</param>
    public static QuestionAnalysis Analyze(string text, string fallbackLanguage = "en")
    {
        text = text.Length > CharactersRead ? text[..CharactersRead] : text;
        var language = LanguageDetector.Detect(text, fallbackLanguage);
        var words = PhraseSet.Words(text);
        return new QuestionAnalysis(
            language, IntentOf(text, words, language), TypeOf(text), SentimentOf(text, words, language), ComplexityOf(text), CodeWord().IsMatch(text));
    }

    private static Intent IntentOf(string text, List<string> words, string language)
    {
        if (words.Count == 0)
            return Intent.Unclear;
        var lexicons = AnalysisLexicon.For(language).ToList();
        if (words.Count <= RequestWords && AsksForPerson(words))
            return Intent.Person;
        if (words.Count > SmallTalkWords * 2)
            return Intent.Question;
        foreach (var lexicon in lexicons)
        {
            if (!IsCourtesyOnly(text, words, lexicon))
                continue;
            if (lexicon.Chat.IsIn(words))
                return Intent.Chat;
            if (lexicon.Goodbye.IsIn(words))
                return Intent.Goodbye;
            if (lexicon.Thanks.IsIn(words))
                return Intent.Thanks;
            if (lexicon.Greeting.IsIn(words))
                return Intent.Greeting;
        }
        return AnalysisLexicon.All.Values.Any(l => IsVague(text, words, l)) ? Intent.Vague : Intent.Question;
    }

    /// <summary>
    /// It says that something is wrong or wanted, and nothing else. In any language: so short a message hardly shows its own, and every word of
    /// it must be one of these.
    /// </summary>
    private static bool IsVague(string text, List<string> words, AnalysisLexicon lexicon) =>
        lexicon.Vague.IsIn(words)
        && (IsSpaceless(lexicon) ? LettersLeft(text, lexicon.Vaguenesses.Concat(lexicon.Courtesies)) == 0 : words.TrueForAll(lexicon.VagueWords.Contains));

    /// <summary>In any language: these phrases are long enough not to mean something else in another, and the request must not be missed.</summary>
    private static bool AsksForPerson(List<string> words) =>
        AnalysisLexicon.All.Values.Any(l => l.Person.IsIn(words)) && !AnalysisLexicon.All.Values.Any(l => l.PersonDeclined.IsIn(words));

    /// <summary>Nothing is left of the message when its courtesies are taken out; "Hi Anna" may keep a name.</summary>
    private static bool IsCourtesyOnly(string text, List<string> words, AnalysisLexicon lexicon)
    {
        if (IsSpaceless(lexicon))
            return LettersLeft(text, lexicon.Courtesies) <= 2;
        var others = words.Count(w => !lexicon.CourtesyWords.Contains(w));
        return words.Count <= SmallTalkWords && (others == 0 || (others == 1 && words.Count <= 4 && !text.Contains('?', StringComparison.Ordinal) && !StandsAlone(words, lexicon)));
    }

    private static bool IsSpaceless(AnalysisLexicon lexicon) => lexicon.Language is "zh" or "th";

    private static int LettersLeft(string text, IEnumerable<string> phrases)
    {
        foreach (var phrase in phrases.OrderByDescending(c => c.Length))
            text = text.Replace(phrase, "", StringComparison.OrdinalIgnoreCase);
        return text.Count(char.IsLetter);
    }

    /// <summary>A filler and one word ("great pricing") is a question; a greeting and one word is a greeting and a name.</summary>
    private static bool StandsAlone(List<string> words, AnalysisLexicon lexicon) =>
        !lexicon.Greeting.IsIn(words) && !lexicon.Thanks.IsIn(words) && !lexicon.Goodbye.IsIn(words);

    /// <summary>The rules of the requirements (classifyQueryType), on whole words.</summary>
    private static QuestionType TypeOf(string text) =>
        ExactName().IsMatch(text.Trim()) || ExactWord().IsMatch(text) || ErrorCode().IsMatch(text) ? QuestionType.Exact
        : TechnicalWord().IsMatch(text) ? QuestionType.Technical
        : ConversationalWord().IsMatch(text) ? QuestionType.Conversational
        : QuestionType.Conceptual;

    /// <summary>
    /// Frustrated: at least three of strong words, capitals throughout and repeated exclamation marks. Each strong word counts.
    /// </summary>
    private static Sentiment SentimentOf(string text, List<string> words, string language)
    {
        var lexicons = AnalysisLexicon.For(language).ToList();
        var strong = lexicons.Max(l => l.Strong.Count(s => s.IsIn(words)));
        var signs = strong + (IsShouted(text) ? 1 : 0) + (Exclaimed().IsMatch(text) ? 1 : 0);
        if (signs >= 3)
            return Sentiment.Frustrated;
        var negative = strong > 0 || lexicons.Exists(l => l.Negative.IsIn(words));
        var positive = lexicons.Exists(l => l.Positive.IsIn(words));
        return negative ? Sentiment.Negative : positive ? Sentiment.Positive : Sentiment.Neutral;
    }

    /// <summary>At least three words in capitals that make up most of the letters.</summary>
    private static bool IsShouted(string text) =>
        ShoutedWord().Count(text) >= 3 && text.Count(char.IsUpper) > 2 * text.Count(char.IsLower);

    /// <summary>The requirements' score: length .2, several questions .3, .15 a technical term up to .4, a condition .1.</summary>
    private static double ComplexityOf(string text)
    {
        var score = TextAnalyzer.CountWords(text) > 30 ? .2 : 0;
        score += text.Count(c => c is '?' or '？' or '؟') > 1 || text.Contains(" and ", StringComparison.OrdinalIgnoreCase) ? .3 : 0;
        score += Math.Min(.4, .15 * TechnicalTerms.Count(t => text.Contains(t, StringComparison.OrdinalIgnoreCase)));
        score += Condition().IsMatch(text) ? .1 : 0;
        return Math.Min(1, Math.Round(score, 2));
    }

    [GeneratedRegex("^(?=.*[0-9-])[A-Z0-9-]{3,}$", RegexOptions.CultureInvariant)]
    private static partial Regex ExactName();

    [GeneratedRegex(@"\b(?:errors?|codes?|sku|fehler(?:code)?|código|codigo|erreur|errore|codice|eroare|hata kodu|lỗi|σφάλμα)\b|ошибк|错误|错误码|خطأ|รหัสข้อผิดพลาด|त्रुटि", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ExactWord();

    [GeneratedRegex(@"\b(?:[A-Z]{2,}[-_][A-Z0-9_]*[0-9A-Z]{2,}|0x[0-9a-fA-F]{2,}|[A-Z]+_[A-Z_]+|E[A-Z]{4,}|[A-Z]{1,4}-?\d{3,})\b", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorCode();

    [GeneratedRegex(@"\b(?:configur\w*|implement\w*|integrat\w*|apis?|ssl|tls|debug\w*|sdk|json|webhooks?|docker\w*|kubernetes|sql|postgres\w*|oauth|dns|http[s]?|cli|deploy\w*|konfigur\w*|integrier\w*|configuraci\w*|integraci\w*|intégr\w*)\b|настро|интеграц|配置|集成|部署|接口|การตั้งค่า|ρύθμισ|تكوين|تكامل", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex TechnicalWord();

    [GeneratedRegex(@"\b(?:how|help\w*|trouble|wie|hilfe|hilf|cómo|ayuda\w*|comment|aide\w*|como|ajuda\w*|come|aiuto|hoe|hulp|cum|ajut\w*|nasıl|yardım\w*|làm sao|thế nào|giúp|πώς|βοήθεια)\b|как\b|помо[гщ]|كيف|مساعدة|อย่างไร|ยังไง|ช่วย|如何|怎么|怎样|帮|कैसे|मदद", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ConversationalWord();

    [GeneratedRegex(@"\b(?:if|when|should|would|could|wenn|falls|sollte|würde|könnte|si|cuando|debería|quand|devrait|pourrait|se|quando|dovrei|als|wanneer|zou|dacă|când|ar trebui|eğer|nếu|khi|αν|όταν|если|когда)\b|إذا|عندما|ถ้า|เมื่อ|如果|当|अगर|यदि|जब", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Condition();

    [GeneratedRegex(@"\b(?:code|api|debug|error|stack ?trace|function)s?\b|```", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex CodeWord();

    [GeneratedRegex("[!！]{2,}", RegexOptions.CultureInvariant)]
    private static partial Regex Exclaimed();

    [GeneratedRegex(@"\b\p{Lu}{2,}\b", RegexOptions.CultureInvariant)]
    private static partial Regex ShoutedWord();
}
