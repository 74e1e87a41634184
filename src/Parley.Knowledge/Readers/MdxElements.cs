using System.Collections.Frozen;

namespace Parley.Knowledge.Readers;

/// <summary>How tags inside Markdown are treated.</summary>
internal enum MdxElement
{
    /// <summary>A placeholder such as <c>&lt;service&gt;</c>: it is text.</summary>
    Literal,

    /// <summary>Its tags go, its content stays in the line.</summary>
    Inline,

    /// <summary>Its tags become blank lines, its content stays Markdown.</summary>
    Block,

    /// <summary>Read as HTML, whole.</summary>
    Html,

    /// <summary>Goes with its content.</summary>
    Dropped,

    /// <summary>A component of the site: its tags go, its titles and texts stay.</summary>
    Component,
}

internal static class MdxElements
{
    private static readonly FrozenSet<string> Inline = Set(
        "a abbr b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr br input nobr");

    private static readonly FrozenSet<string> Block = Set(
        "address article aside blockquote center details dialog div fieldset figcaption figure footer form header hgroup hr legend main nav p section summary picture li dt dd");

    private static readonly FrozenSet<string> Html = Set("table ul ol dl pre h1 h2 h3 h4 h5 h6");

    private static readonly FrozenSet<string> Dropped = Set(
        "script style iframe video audio svg object embed canvas map math template noscript source track link meta button select textarea");

    // These stand without an end tag in careless HTML.
    private static readonly FrozenSet<string> MayStayOpen = Set("br hr img wbr p li dt dd input source track link meta embed");

    // Attributes that say how a component looks or where it points, not what it says.
    private static readonly FrozenSet<string> Silent = Set(
        "style classname class key id ref width height layout quality src href to icon color size sizes variant type align target rel animate initial transition breakpoints loading columns cols gap priority");

    private static readonly FrozenSet<string> SaidByText = Set("description caption subtitle text content answer tip message body");

    /// <param name="tag">Any tag.</param>
    /// <param name="closesLater">Is its end tag ahead?</param>
    internal static MdxElement Of(JsxTag tag, Func<bool> closesLater)
    {
        var name = tag.Name.ToLowerInvariant();
        var isUpper = tag.Name.Length > 1 && !tag.Name.Any(char.IsAsciiLetterLower);
        if (char.IsAsciiLetterUpper(tag.Name[0]) && !isUpper)
            return MdxElement.Component;
        var kind = Inline.Contains(name) ? MdxElement.Inline
            : Block.Contains(name) ? MdxElement.Block
            : Html.Contains(name) ? MdxElement.Html
            : Dropped.Contains(name) ? MdxElement.Dropped
            : name.Contains('-', StringComparison.Ordinal) && tag.Attributes.Any(a => a.Value is not null) ? MdxElement.Component
            : MdxElement.Literal;
        if (kind is MdxElement.Literal or MdxElement.Component || tag.IsClosing || tag.IsSelfClosing)
            return kind;
        // "-o <source> <title>": a name of HTML may be a placeholder; a real element has attributes or an end.
        var isReal = tag.Attributes.Any(a => a.Value is not null) || (MayStayOpen.Contains(name) && name is not ("source" or "link" or "input" or "track"));
        return isReal || closesLater() ? kind : MdxElement.Literal;
    }

    internal static bool IsSilent(string attribute) =>
        Silent.Contains(attribute.ToLowerInvariant()) || attribute.StartsWith("on", StringComparison.Ordinal) || attribute.StartsWith("data-", StringComparison.Ordinal);

    internal static bool IsSaidByText(string attribute) => SaidByText.Contains(attribute.ToLowerInvariant());

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
