using System.Collections.Frozen;

namespace Parley.Knowledge.Analysis;

/// <summary>
/// Tells the language of a document that does not state it: by its script, else by the words that every text of a language is full of. A
/// document is long, so a handful of words decides; where it does not, nothing is said.
/// </summary>
internal static class DocumentLanguage
{
    private const int MaxWords = 4000;
    private const int LeastWords = 12;

    /// <summary>Share of a text that such words make up at least.</summary>
    private const double LeastShare = .08;

    /// <summary>How far the first must be ahead of the second.</summary>
    private const double Lead = 1.3;

    private static readonly (string Language, FrozenSet<string> Words)[] Languages =
    [
        ("en", Set("the and of to in is that for it with as are this be on you by or from not can your an which will have has was if all at more when use")),
        ("de", Set("der die und das ist den von zu mit sich des auf für nicht ein eine dem im werden als auch an es wird oder aus bei nach einer sie kann können sind wenn ihre")),
        ("fr", Set("le la les des et est une un du que pour dans qui par sur pas au avec vous sont plus ce votre ou cette il se être aux peut vos si sans")),
        ("es", Set("el los las y en que una un por con para del se es no su al lo como más puede sus o este esta si son cuando desde hay también")),
        ("pt", Set("o os as e em que uma um para com do da dos das não por se na no é mais seu sua você pode como ou ao são quando este esta")),
        ("it", Set("il lo la gli e di che un una per in con non del della dei è sono si da al alla nel nella più come puoi può questo questa anche se")),
        ("nl", Set("de het een en van is dat die in op te voor met zijn niet aan er om je u worden wordt kunt bij ook als of naar uw deze dit")),
        ("ro", Set("și în de la cu pe că pentru este sunt nu un o din mai care se ai ale al sau prin dacă poate poți acest această")),
        ("tr", Set("ve bir bu için ile olarak da de daha olan gibi çok en veya değil ne ya var sonra kadar her ancak ise göre olduğu")),
        ("vi", Set("và của là có các cho được không trong một với để này người những khi bạn đã từ nếu hoặc thể vào đến")),
        ("pl", Set("i w na z do się nie jest że to o jak dla po od przez lub oraz może są tym być można ich jego także")),
        ("sv", Set("och att det som en på är av för med till den har inte om ett du kan eller från vid när din ska")),
        ("da", Set("og at det som en på er af for med til den har ikke om et du kan eller fra ved når din skal de")),
        ("cs", Set("a v na je se že s z do o k i to pro jako nebo jsou které který může být při od po za")),
        ("hu", Set("a az és hogy nem is egy van meg ha vagy mint csak már de el ez kell azt lehet után")),
        ("id", Set("yang dan di untuk dengan ini dari pada adalah tidak dalam akan atau anda ke dapat itu juga oleh jika")),
    ];

    internal static string? Detect(IEnumerable<string> texts)
    {
        var counts = new int[Languages.Length];
        var words = 0;
        var sample = new System.Text.StringBuilder();
        foreach (var text in texts)
        {
            sample.Append(text, 0, Math.Min(text.Length, 4000)).Append(' ');
            if (sample.Length > MaxWords * 8)
                break;
        }
        var all = sample.ToString();
        if (ScriptLanguage.Of(all) is not ScriptLanguage.Latin and var byScript)
            return byScript;
        Span<char> folded = stackalloc char[16];
        foreach (var range in all.AsSpan().SplitAny(" \n\t.,;:!?()[]{}\"'`/|*_#<>=-"))
        {
            var word = all.AsSpan(range);
            if (word.Length is 0 or > 16 || !char.IsLetter(word[0]))
                continue;
            if (++words > MaxWords)
                break;
            var length = word.ToLowerInvariant(folded);
            for (var i = 0; i < counts.Length; i++)
                counts[i] += Languages[i].Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(folded[..length]) ? 1 : 0;
        }
        var ranked = counts.Index().OrderByDescending(c => c.Item).Take(2).ToArray();
        return words >= LeastWords && ranked[0].Item >= LeastShare * words && ranked[0].Item >= Lead * ranked[1].Item ? Languages[ranked[0].Index].Language : null;
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
