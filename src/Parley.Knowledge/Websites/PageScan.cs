using AngleSharp.Dom;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;

namespace Parley.Knowledge.Websites;

/// <summary>
/// What the crawler must know of a page: where it leads, what it is called, whether it may be kept. Read from its tokens in one pass, without
/// a tree: neither depth nor size of a hostile page matters. Its text is read elsewhere, in a bounded process.
/// </summary>
internal sealed record PageScan
{
    private const int MaxLinks = 5000;
    private const int MaxTitle = 300;

    /// <summary>A page with less text than this whose scripts bring the rest is reported.</summary>
    private const int FewCharacters = 200;

    private static readonly string[] MountPoints = ["root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app"];

    /// <summary>Absolute and normal, each once, in their order.</summary>
    public IReadOnlyList<Uri> Links { get; private init; } = [];

    /// <summary>What the page itself says its address is.</summary>
    public Uri? Canonical { get; private init; }

    public string? Title { get; private init; }

    /// <summary>It asks not to be indexed (robots meta element).</summary>
    public bool NoIndex { get; private init; }

    /// <summary>It asks that its links are not followed.</summary>
    public bool NoFollow { get; private init; }

    /// <summary>Its text is made by scripts, which are never run here.</summary>
    public bool NeedsScript { get; private init; }

    /// <summary>An immediate redirect written into the page.</summary>
    public Uri? Refresh { get; private init; }

    internal static PageScan Of(string html, Uri address)
    {
        var state = new State(address);
        // The tree builder that usually switches the tokenizer's mode is not there: what holds no markup is said here.
        using var tokenizer = new HtmlTokenizer(new TextSource(html), HtmlEntityProvider.Resolver) { IsAcceptingCharacterData = false };
        for (var token = tokenizer.Get(); token.Type != HtmlTokenType.EndOfFile; token = tokenizer.Get())
        {
            switch (token)
            {
                case HtmlTagToken { Type: HtmlTokenType.StartTag } tag:
                    tokenizer.State = tag.Name switch
                    {
                        "script" => HtmlParseMode.Script,
                        "style" or "xmp" or "iframe" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
                        "textarea" or "title" => HtmlParseMode.RCData,
                        _ => HtmlParseMode.PCData,
                    };
                    state.Open(tag);
                    break;
                case HtmlTagToken tag:
                    state.Close(tag.Name);
                    break;
                case { Type: HtmlTokenType.Character }:
                    state.Text(token.Data);
                    break;
                default:
                    break;
            }
        }
        return state.Result();
    }

    private sealed class State(Uri address)
    {
        private readonly List<Uri> _links = [];
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private Uri? _stated;
        private Uri? _canonical, _refresh;
        private string _title = "";
        private string? _silent;
        private bool _noIndex, _noFollow, _scripts, _mount, _askedForScript;
        private int _characters;

        /// <summary>Against which links are read: the page's own base element, the first one, counts before its address.</summary>
        private Uri Base => _stated ?? address;

        internal void Open(HtmlTagToken tag)
        {
            switch (tag.Name)
            {
                case "a" or "area" when Has(tag, "href", out var href) && !Rel(tag).Contains("nofollow"):
                    Link(href);
                    break;
                case "base" when Has(tag, "href", out var href) && Uri.TryCreate(address, href, out var to) && to.Scheme is "http" or "https":
                    _stated ??= to;
                    break;
                case "link" when Rel(tag).Contains("canonical") && Has(tag, "href", out var href):
                    _canonical ??= WebAddress.Normalize(href, Base);
                    break;
                case "meta":
                    Meta(tag);
                    break;
                case "script" when Has(tag, "src", out _):
                    _scripts = true;
                    break;
                case "div" or "main" or "body" when Has(tag, "id", out var id):
                    _mount |= MountPoints.Contains(id, StringComparer.OrdinalIgnoreCase);
                    break;
                default:
                    break;
            }
            if (tag.Name is "script" or "style" or "title" or "noscript" or "template" or "textarea" && !tag.IsSelfClosing)
                _silent ??= tag.Name;
        }

        internal void Close(string name)
        {
            if (_silent == name)
                _silent = null;
        }

        internal void Text(string data)
        {
            if (_silent == "title" && _title.Length < MaxTitle)
                _title += data;
            else if (_silent == "noscript")
                _askedForScript |= data.Contains("JavaScript", StringComparison.OrdinalIgnoreCase);
            else if (_silent is null)
                _characters += data.Count(c => !char.IsWhiteSpace(c));
        }

        internal PageScan Result()
        {
            var title = Readers.TextNormal.OneLine(Readers.TextNormal.Clean(_title));
            return new PageScan
            {
                Links = _links, Canonical = _canonical, Refresh = _refresh, NoIndex = _noIndex, NoFollow = _noFollow,
                Title = title.Length == 0 ? null : Readers.TextNormal.Truncate(title, MaxTitle),
                NeedsScript = _scripts && _characters < FewCharacters && (_mount || _askedForScript),
            };
        }

        private void Link(string href)
        {
            if (_links.Count < MaxLinks && WebAddress.Normalize(href, Base) is { } link && _seen.Add(link.AbsoluteUri))
                _links.Add(link);
        }

        private void Meta(HtmlTagToken tag)
        {
            var content = tag.GetAttribute("content") ?? "";
            if (Has(tag, "name", out var name) && name.ToLowerInvariant() is "robots" or RobotsRules.Agent)
            {
                _noIndex |= content.Contains("noindex", StringComparison.OrdinalIgnoreCase) || content.Contains("none", StringComparison.OrdinalIgnoreCase);
                _noFollow |= content.Contains("nofollow", StringComparison.OrdinalIgnoreCase) || content.Contains("none", StringComparison.OrdinalIgnoreCase);
            }
            else if (Has(tag, "http-equiv", out var kind) && kind.Equals("refresh", StringComparison.OrdinalIgnoreCase)
                && content.IndexOf("url=", StringComparison.OrdinalIgnoreCase) is > 0 and var at && content.TrimStart().StartsWith('0'))
            {
                _refresh ??= WebAddress.Normalize(content[(at + 4)..].Trim('\'', '"', ' '), Base);
            }
        }

        private static string[] Rel(HtmlTagToken tag) => (tag.GetAttribute("rel") ?? "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);

        private static bool Has(HtmlTagToken tag, string attribute, out string value) => (value = tag.GetAttribute(attribute) ?? "").Length > 0;
    }
}
