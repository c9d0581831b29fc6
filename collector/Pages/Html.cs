using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Monitoring.Collector.Pages;

/// <summary>
/// HTML under construction. What stands in the source is markup, what is put into a hole of it is text and escaped, always: names of nodes,
/// words of events and parameters come from outside.
/// </summary>
internal sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder text = new();

    /// <summary>Adds markup with texts in its holes.</summary>
    public void Add(ref Markup markup) => markup.AddTo(this);

    /// <summary>Adds markup without texts.</summary>
    public void Add(string markup) => text.Append(markup);

    /// <summary>The HTML so far.</summary>
    public override string ToString() => text.ToString();

    /// <summary>Writes an interpolated string: literals as they are, values escaped for text and for attributes in quotes.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly StringBuilder text;

        /// <summary>Begins to write.</summary>
        public Markup(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + (16 * formattedCount));

        /// <summary>Adds markup.</summary>
        public void AppendLiteral(string markup) => text.Append(markup);

        /// <summary>Adds a text.</summary>
        public void AppendFormatted(string? value) => text.Append(Encoder.Encode(value ?? ""));

        /// <summary>Adds a number.</summary>
        public void AppendFormatted(long value) => text.Append(value.ToString(CultureInfo.InvariantCulture));

        /// <summary>Adds what is HTML already.</summary>
        public void AppendFormatted(Html part) => text.Append(part.text);

        /// <summary>Adds all of it.</summary>
        internal void AddTo(Html html) => html.text.Append(text);
    }
}
