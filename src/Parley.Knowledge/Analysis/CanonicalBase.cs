namespace Parley.Knowledge.Analysis;

/// <summary>
/// What is left of a precomposed letter when its marks are taken off: the canonical decomposition of the Unicode Character Database
/// without non-spacing marks (é → e, ή → η, й → и, ệ → e).
/// </summary>
/// <remarks>
/// The solution runs without ICU (InvariantGlobalization), where <see cref="string.Normalize()"/> returns text that is not ASCII unchanged.
/// A table also keeps the terms of an index equal on every machine, whatever its ICU version. Hangul and ideographs are not in it: they
/// are indexed as character pairs and never decomposed. See docs/adr/0020-lexical-fusion.md.
/// </remarks>
internal static class CanonicalBase
{
    /// <summary>One group per base letter: the base first, then every letter that decomposes to it.</summary>
    private const string Groups =
        "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ BḂḄḆ CÇĆĈĊČḈ DĎḊḌḎḐḒ EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ FḞ GĜĞĠĢǦǴḠ HĤȞḢḤḦḨḪ IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ JĴ " +
        "KĶǨḰḲḴ LĹĻĽḶḸḺḼ MḾṀṂ NÑŃŅŇǸṄṆṈṊ OÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ PṔṖ RŔŖŘȐȒṘṚṜṞ SŚŜŞŠȘṠṢṤṦṨ TŢŤȚṪṬṮṰ " +
        "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ VṼṾ WŴẀẂẄẆẈ XẊẌ YÝŶŸȲẎỲỴỶỸ ZŹŻŽẐẒẔ aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ bḃḅḇ cçćĉċčḉ dďḋḍḏḑḓ " +
        "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ fḟ gĝğġģǧǵḡ hĥȟḣḥḧḩḫẖ iìíîïĩīĭįǐȉȋḭḯỉị jĵǰ kķǩḱḳḵ lĺļľḷḹḻḽ mḿṁṃ nñńņňǹṅṇṉṋ " +
        "oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ pṕṗ rŕŗřȑȓṙṛṝṟ sśŝşšșṡṣṥṧṩ tţťțṫṭṯṱẗ uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự vṽṿ wŵẁẃẅẇẉẘ " +
        "xẋẍ yýÿŷȳẏẙỳỵỷỹ zźżžẑẓẕ ÆǢǼ ØǾ æǣǽ øǿ ſẛ ƷǮ ʒǯ ʹʹ ΑΆἈἉἊἋἌἍἎἏᾈᾉᾊᾋᾌᾍᾎᾏᾸᾹᾺΆᾼ ΕΈἘἙἚἛἜἝῈΈ ΗΉἨἩἪἫἬἭἮἯᾘᾙᾚᾛᾜᾝᾞᾟῊΉῌ " +
        "ΙΊΪἸἹἺἻἼἽἾἿῘῙῚΊ ΟΌὈὉὊὋὌὍῸΌ ΡῬ ΥΎΫὙὛὝὟῨῩῪΎ ΩΏὨὩὪὫὬὭὮὯᾨᾩᾪᾫᾬᾭᾮᾯῺΏῼ αάἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ εέἐἑἒἓἔἕὲέ " +
        "ηήἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ ιΐίϊἰἱἲἳἴἵἶἷὶίιῐῑῒΐῖῗ οόὀὁὂὃὄὅὸό ρῤῥ υΰϋύὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ ωώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ ϒϓϔ ІЇ АӐӒ " +
        "ГЃ ЕЀЁӖ ЖӁӜ ЗӞ ИЍЙӢӤ КЌ ОӦ УЎӮӰӲ ЧӴ ЫӸ ЭӬ аӑӓ гѓ еѐёӗ жӂӝ зӟ ийѝӣӥ кќ оӧ уўӯӱӳ чӵ ыӹ эӭ ії ѴѶ ѵѷ ӘӚ әӛ ӨӪ өӫ " +
        "\u05d0\ufb2e\ufb2f\ufb30 \u05d1\ufb31\ufb4c \u05d2\ufb32 \u05d3\ufb33 \u05d4\ufb34 \u05d5\ufb35\ufb4b \u05d6\ufb36 " +
        "\u05d8\ufb38 \u05d9\ufb1d\ufb39 \u05da\ufb3a \u05db\ufb3b\ufb4d \u05dc\ufb3c \u05de\ufb3e \u05e0\ufb40 \u05e1\ufb41 " +
        "\u05e3\ufb43 \u05e4\ufb44\ufb4e \u05e6\ufb46 \u05e7\ufb47 \u05e8\ufb48 \u05e9\ufb2a\ufb2b\ufb2c\ufb2d\ufb49 \u05ea\ufb4a " +
        "\u05f2\ufb1f \u0627\u0622\u0623\u0625 \u0648\u0624 \u064a\u0626 \u06c1\u06c2 \u06d2\u06d3 \u06d5\u06c0 कक़ खख़ गग़ जज़ डड़ ढढ़ " +
        "नऩ फफ़ यय़ रऱ ळऴ ডড় ঢঢ় যয় ਖਖ਼ ਗਗ਼ ਜਜ਼ ਫਫ਼ ਲਲ਼ ਸਸ਼ ଡଡ଼ ଢଢ଼ ཀཀྵ གགྷ ཌཌྷ དདྷ བབྷ ཛཛྷ ဥဦ";

    /// <summary>Calls <paramref name="add"/> with (precomposed, base) for every entry.</summary>
    internal static void ForEach(Action<char, char> add)
    {
        foreach (var group in Groups.AsSpan().Split(' '))
        {
            var letters = Groups.AsSpan()[group];
            for (var i = 1; i < letters.Length; i++)
                add(letters[i], letters[0]);
        }
    }
}
