/** The sound as it looks: the customer above, the agent below; where it is played, and what is marked in it. */

import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { length } from "../parts/time";
import { useWords } from "../words/words";
import { columnsOf, type Peaks } from "./peaks";

export interface Span {
  from_ms: number;
  to_ms: number;
  kind: "mask" | "bookmark";
}

interface WaveformProps {
  peaks: Peaks;
  /** Seconds. */
  duration: number;
  at: number;
  spans: readonly Span[];
  onSeek(seconds: number): void;
}

const STEP = 5; // seconds by an arrow key
const HEIGHT = 120;

export function Waveform({ peaks, duration, at, spans, onSeek }: WaveformProps) {
  const { word } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, peaks, duration, at, spans);
  }, [peaks, duration, at, spans]);
  function pressed(event: PointerEvent<HTMLCanvasElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onSeek(((event.clientX - left) / width) * duration);
  }
  function key(event: KeyboardEvent) {
    const steps: Record<string, number> = {
      ArrowLeft: at - STEP,
      ArrowRight: at + STEP,
      Home: 0,
      End: duration,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    onSeek(Math.min(duration, Math.max(0, wanted)));
  }
  return (
    <canvas
      ref={canvas}
      id="waveform"
      className="waveform"
      role="slider"
      tabIndex={0}
      aria-label={word("waveformOf")}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={`${length(at)} / ${length(duration)}`}
      onPointerDown={pressed}
      onKeyDown={key}
    />
  );
}

function draw(
  canvas: HTMLCanvasElement,
  peaks: Peaks,
  duration: number,
  at: number,
  spans: readonly Span[],
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const width = canvas.clientWidth;
  canvas.width = width * devicePixelRatio;
  canvas.height = HEIGHT * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const style = getComputedStyle(canvas);
  const place = (seconds: number) => (duration ? (seconds / duration) * width : 0);
  for (const span of spans) {
    context.fillStyle = style.getPropertyValue(span.kind === "mask" ? "--stop-soft" : "--warn-soft");
    const from = place(span.from_ms / 1000);
    context.fillRect(from, 0, Math.max(2, place(span.to_ms / 1000) - from), HEIGHT);
  }
  const each = HEIGHT / peaks.channels;
  for (let channel = 0; channel < peaks.channels; channel += 1) {
    context.fillStyle = style.getPropertyValue(channel === 0 ? "--accent" : "--go");
    const middle = each * (channel + 0.5);
    columnsOf(peaks, channel, width).forEach(([low, high], x) => {
      const top = middle - (high * each) / 2;
      context.fillRect(x, top, 1, Math.max(1, ((high - low) * each) / 2));
    });
  }
  context.fillStyle = style.getPropertyValue("--text");
  context.fillRect(place(at), 0, 2, HEIGHT);
}
