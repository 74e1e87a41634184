using System.Globalization;
using System.Text.RegularExpressions;

namespace Parley.Assistant.Generation;

/// <summary>
/// What passages hold to the letter: numbers, lines of code, addresses. A model that makes one of these up is found out without asking anybody. Pure.
/// </summary>
internal sealed partial class PassageFacts(IReadOnlyList<Composer.Evidence> passages)
{
    /// <summary>Numbers that a passage may write as a word and an answer in digits, from zero; one row for each language.</summary>
    private static readonly Dictionary<string, string> Words = WordsOf(
        "zero one two three four five six seven eight nine ten eleven twelve",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici",
        "zero um dois três quatro cinco seis sete oito nove dez onze doze",
        "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf",
        "零 一 二 三 四 五 六 七 八 九 十");

    private readonly HashSet<string>?[] _numbers = new HashSet<string>?[passages.Count];
    private readonly string?[] _squashed = new string?[passages.Count];

    /// <summary>Every number that is said stands in one of the passages, their titles, headings and addresses, whatever parts its thousands.</summary>
    internal bool HoldNumbers(string said, IReadOnlyCollection<int> cited) => Number().Matches(said).All(number =>
        cited.Any(i => Forms(number.Value).Overlaps(NumbersOf(i))) || (number.Value.Contains(' ') && number.Value.Split(' ').All(part => cited.Any(i => Forms(part).Overlaps(NumbersOf(i))))));

    /// <summary>Every line of a block of code stands in one of the passages; how far it is indented does not matter.</summary>
    internal bool HoldCode(string block, IReadOnlyCollection<int> cited)
    {
        var lines = block.Split('\n').Skip(1).Where(l => !ClosingFence().IsMatch(l)).Select(Squash).Where(l => l.Length > 0).ToList();
        return lines.Count > 0 && lines.TrueForAll(line => cited.Any(i => IsIn(_squashed[i] ??= Squash(passages[i].Text), line, StringComparison.Ordinal, BeginsCode, EndsCode)));
    }

    /// <summary>Every address that is said stands in one of the passages, or is one's own. Any other was made up, or smuggled in.</summary>
    internal bool HoldAddresses(string said, IReadOnlyCollection<int> cited) => Address().Matches(said).Select(m => m.Value.TrimEnd('.', ',', ';', ':', '!', ')', '*', '_', '/')).All(address =>
        address.Length > 0 && cited.Any(i => new[] { passages[i].Text, passages[i].Url }.Any(held => held is not null && IsIn(held, address, StringComparison.OrdinalIgnoreCase, BeginsAddress, EndsAddress))));

    private HashSet<string> NumbersOf(int passage)
    {
        if (_numbers[passage] is not { } numbers)
        {
            var source = passages[passage];
            var text = string.Join('\n', [source.Title, .. source.HeadingPath, source.Text, source.Url]);
            numbers = [.. Number().Matches(text).SelectMany(m => m.Value.Split(' ').Append(m.Value)).SelectMany(Forms)];
            // The parts of a date and of a version can be named by themselves.
            numbers.UnionWith(Dotted().Matches(text).SelectMany(m => m.Value.Split('.')).SelectMany(Forms));
            numbers.UnionWith(Word().Matches(text).Select(w => Words.GetValueOrDefault(w.Value.ToLowerInvariant())).OfType<string>());
            _numbers[passage] = numbers;
        }
        return numbers;
    }

    /// <summary>What a number may mean: 1.000 is a thousand here and one there; 05 is 5.</summary>
    private static HashSet<string> Forms(string number)
    {
        var plain = string.Concat(number.Select(c => char.IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : c is '٫' ? '.' : c is '.' or ',' ? c : ' '));
        if (Grouped().Match(plain) is not { Success: true } grouped)
        {
            var parts = plain.Split('.', ',', ' ');
            if (parts.Length != 2)
            {
                return [string.Join('.', parts.Select(Bare))];
            }
            var rest = parts[1].TrimEnd('0');
            return [rest.Length > 0 ? Bare(parts[0]) + "." + rest : Bare(parts[0])];
        }
        var thousands = Bare(string.Concat(grouped.Groups["whole"].Value.Where(char.IsDigit)));
        var fraction = grouped.Groups["fraction"].Value.TrimEnd('0');
        return [fraction.Length > 1 ? thousands + "." + fraction[1..] : thousands, plain.Replace(',', '.')];
    }

    private static string Bare(string digits) => digits.TrimStart('0') is { Length: > 0 } bare ? bare : "0";

    private static bool IsIn(string held, string said, StringComparison how, Func<string, int, bool> begins, Func<string, int, bool> ends)
    {
        for (var at = held.IndexOf(said, how); at >= 0; at = held.IndexOf(said, at + 1, how))
        {
            if (begins(held, at) && ends(held, at + said.Length))
            {
                return true;
            }
        }
        return false;
    }

    private static bool BeginsCode(string held, int at) => at == 0 || held[at - 1] is ' ' or '`' or '"' or '\'' or '(' or '[' or '{' or '|' or '>' or '$';

    /// <summary>Not in the middle of a path or a name: <c>rm -rf /</c> is not in <c>rm -rf /tmp</c>.</summary>
    private static bool EndsCode(string held, int end) =>
        end == held.Length || held[end] is ' ' or '`' or '"' or '\'' or ')' or ']' or '}' or '|' or '<' or ',' or ';' || (held[end] is '.' or ':' or '!' or '?' && (end + 1 == held.Length || held[end + 1] == ' '));

    private static bool BeginsAddress(string held, int at) => at == 0 || !char.IsLetterOrDigit(held[at - 1]) && held[at - 1] is not ('.' or '+' or '-');

    private static bool EndsAddress(string held, int end) =>
        end == held.Length || held[end] is '?' or '#' || !IsOfAddress(held[end]) || (held[end] is '.' or ':' or '_' or '/' && (end + 1 == held.Length || !IsOfAddress(held[end + 1])));

    private static bool IsOfAddress(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '%' or '~' or '+' or '=' or '&' or '@' or '/' or '$' or '.' or ':';

    private static string Squash(string text) => Space().Replace(text, " ").Trim();

    private static Dictionary<string, string> WordsOf(params string[] languages)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, word) in languages.SelectMany(l => l.Split(' ').Index()))
        {
            words.TryAdd(word, number.ToString(CultureInfo.InvariantCulture));
        }
        return words;
    }

    [GeneratedRegex(@"\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,'’٫٬\u00a0\u202f\u2009]\d+)*", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    /// <summary>Thousands with one kind of mark between them, and what follows the other kind.</summary>
    [GeneratedRegex(@"^(?<whole>\d{1,3}(?<by>[., ])\d{3}(?:\k<by>\d{3})*)(?<fraction>(?!\k<by>)[.,]\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Grouped();

    [GeneratedRegex(@"\d+(?:\.\d+){2,}", RegexOptions.CultureInvariant)]
    private static partial Regex Dotted();

    [GeneratedRegex(@"[零一二三四五六七八九十]|[\p{L}-[\u3400-\u9fff]]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^[ \t]*(?:`{3,}|~{3,})[ \t]*$", RegexOptions.CultureInvariant)]
    private static partial Regex ClosingFence();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Space();

    [GeneratedRegex(@"https?://[^\s<>""'`\])]+|(?<=\]\()[^\s)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
