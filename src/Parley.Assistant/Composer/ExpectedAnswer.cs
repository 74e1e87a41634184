using System.Text.RegularExpressions;
using Parley.Knowledge.Analysis;

namespace Parley.Assistant.Composer;

/// <summary>What kind of answer a question asks for, from its question words, and whether a sentence looks like it.</summary>
internal sealed partial class ExpectedAnswer
{
    private const double Fit = .12;

    /// <summary>Sentences with a length of time are rare: one that has it is likely meant. So for sizes.</summary>
    private const double FitUnit = .3;

    private readonly bool _number;
    private readonly bool _person;
    private readonly bool _reason;
    private readonly bool _duration;
    private readonly bool _size;
    private readonly bool _value;

    private ExpectedAnswer(string question)
    {
        (_number, _person, _reason) = (Number().IsMatch(question), Person().IsMatch(question), Reason().IsMatch(question));
        (_duration, _size, _value) = (HowLong().IsMatch(question), HowBig().IsMatch(question), Value().IsMatch(question));
        (Steps, IsWhether) = (HowTo().IsMatch(question), Whether().IsMatch(question));
    }

    /// <summary>Asks for a value, a name, or yes or no: one sentence says it.</summary>
    internal bool IsDirect => _number || _person || _value || IsWhether;

    /// <summary>Asks for yes or no.</summary>
    internal bool IsWhether { get; }

    /// <summary>Asks how to do something: steps and code answer it.</summary>
    internal bool Steps { get; }

    internal static ExpectedAnswer Of(string question) => new(question);

    /// <summary>What a unit gains for looking like the expected answer.</summary>
    internal double Bonus(AnswerUnit unit, ReadOnlySpan<char> text)
    {
        var bonus = 0d;
        if (_number && (unit.HasDigit || NumberWord().IsMatch(text)))
            bonus += Fit;
        if (_duration && Duration().IsMatch(text))
            bonus += FitUnit;
        if (_size && Size().IsMatch(text))
            bonus += FitUnit;
        if (_person && HasName(text))
            bonus += Fit;
        if (_reason && Because().IsMatch(text))
            bonus += Fit;
        if (Steps && unit.Kind is BlockKind.List or BlockKind.Code)
            bonus += Fit;
        return bonus;
    }

    /// <summary>A capitalised word that does not begin the sentence.</summary>
    private static bool HasName(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsUpper(text[i]) && text[i - 1] == ' ')
                return true;
            if (CharacterForm(text[i]))
                return true;
        }
        return false;
    }

    /// <summary>Scripts without capitals do not tell names apart.</summary>
    private static bool CharacterForm(char c) => c >= '\u0590' && char.IsLetter(c) && !char.IsUpper(c) && !char.IsLower(c);

    [GeneratedRegex(@"\b(?:how (?:many|much|long|often|far|large|big|old|fast|high|tall|deep|wide|late|early)|when|what (?:year|date|day|month|time|percent\w*|number|price|century|age)|which (?:year|day|month|century)|wann|wie ?(?:viel\w*|lange|oft|hoch|groß|alt|weit)|cuánt\w+|cuándo|qué (?:año|día|siglo|porcentaje)|câ[țt]\w*|când|сколько|когда|как(?:ой|ом) (?:год|году|век)|πόσ\w+|πότε|kaç|ne (?:zaman|kadar)|bao (?:nhiêu|lâu)|khi nào|năm nào|combien|quand|quant\w+|quando|hoeveel|wanneer)\b|متى|كم|เมื่อ|กี่|เท่า|多少|几|何时|什么时候|कब|कितन",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?:how (?:long|often|soon|quickly|fast)|wie (?:lange|oft|schnell)|combien de temps|cuánto tiempo|quanto tempo)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex HowLong();

    [GeneratedRegex(@"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|hourly|daily|weekly|monthly|yearly|centur(?:y|ies)|decades?|sekunden?|minuten?|stunden?|tagen?|wochen?|monaten?|jahren?|segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?|años?|secondes?|heures?|jours?|semaines?|mois|ans?)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Duration();

    [GeneratedRegex(@"\b(?:how (?:big|large)|what size|wie groß)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex HowBig();

    [GeneratedRegex(@"\d\s?(?:[KMGT]i?B|bytes?|km|m²|m2|acres?|hectares?|square|sq)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Size();

    [GeneratedRegex(@"\b(?:who|whom|whose|wer|wen|wem|wessen|quién\w*|cine|cui|кто|кого|кому|ποι[οό]\w*|kim\w*|ai|qui|quem|chi|wie)\b|^من |ใคร|谁|कौन|किस",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Person();

    [GeneratedRegex(@"^\W*(?:(?:can|could|do|does|did|is|are|was|were|will|would|should|may|must|has|have) |(?:kann|können|darf|dürfen|ist|sind|gibt|hat|haben|wird|muss|müssen) |(?:puedo|puede|es|hay|tiene|se puede) |(?:pot|poate|este|există|are) |(?:est-ce|puis-je|peut-on|y a-t-il)|(?:posso|può|è|c'è) |(?:posso|pode|há|é) |(?:kan|is|zijn|mag|heeft) |(?:можно|могу|есть) |(?:μπορώ|είναι|υπάρχει) |هل )|\b(?:m[ıiuü]|không)\s*\?|(?:吗|ไหม|หรือไม่)\W*$|^\W*क्या ",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Whether();

    [GeneratedRegex(@"^\W*what(?:'s| is| are) the (?:max|min|maximum|minimum|default|size|limit|price|cost|fee|shortest|longest|largest|smallest|latest|version|port|interval|timeout|name)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Value();

    [GeneratedRegex(@"\b(?:why|warum|wieso|weshalb|por qué|de ce|почему|зачем|γιατί|neden|niçin|tại sao|vì sao|pourquoi|por que|perché|waarom)\b|لماذا|ทำไม|为什么|为何|क्यों",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\b(?:because|due to|since|so that|as a result|therefore|thus|in order to|caused|causes|leads? to|reason|weil|da|damit|wegen|deshalb|porque|debido|ya que|por lo que|pentru că|deoarece|din cauza|потому|из-за|поэтому|так как|επειδή|λόγω|διότι|çünkü|nedeniyle|için|vì|do|bởi|parce que|car|afin|poiché|omdat|doordat)\b|لأن|بسبب|เพราะ|เนื่องจาก|因为|由于|因此|क्योंकि|कारण",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Because();

    [GeneratedRegex(@"\b(?:how (?:do|can|could|would|should|to|does one)|steps?|set ?up|install|wie (?:kann|lässt|muss|richte|ändere|erstelle|füge|lösche)\b.*|cómo (?:puedo|se|hago|configuro|cambio)|cum (?:pot|se|fac|îmi)|как (?:мне|можно|настроить|изменить|сделать|добавить|удалить)|πώς (?:μπορώ|να)|nasıl|làm (?:thế nào|sao)|comment (?:puis|faire|configurer|changer)|como (?:posso|fa[çz]o|configurar)|come (?:posso|faccio|si)|hoe (?:kan|moet|wijzig|maak))\b|كيف (?:أ|يمكن)|อย่างไร|ยังไง|如何|怎么|怎样|कैसे",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex HowTo();

    [GeneratedRegex(@"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|billion|once|twice|daily|weekly|monthly|yearly|zwei|drei|vier|fünf|zehn|hundert|tausend|dos|tres|cuatro|cinco|diez|cien|mil|două|doi|trei|patru|cinci|zece|два|две|три|четыре|пять|десять|δύο|τρεις|τρία|τέσσερ\w+|πέντε|iki|üç|dört|beş|hai|ba|bốn|năm|deux|trois|quatre|cinq)\b|[一二三四五六七八九十百千万]|สอง|สาม|สี่|ห้า|दो|तीन|चार|पांच|[٠-٩०-९๐-๙]",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NumberWord();
}
