/** Plays one recording, and shows where in it. */

import { useQuery } from "@tanstack/react-query";
import { Pause, Play, RotateCcw, RotateCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../parts/Button";
import { length } from "../parts/time";
import { api, got } from "../server/rest";
import { useWords, whyNot } from "../words/words";
import { ConfirmPassword, needsConfirmation } from "./ConfirmPassword";
import { type Span, Waveform } from "./Waveform";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const POINTS = 2000;

interface PlayerProps {
  recording: string;
  spans: readonly Span[];
  /** Told where it is, in seconds, several times a second. */
  onMoved(seconds: number): void;
  /** To go there; each time another object. */
  goTo: { seconds: number } | null;
}

/** Where it goes on with another ticket. */
interface Place {
  seconds: number;
  playing: boolean;
}

export function Player({ recording, spans, onMoved, goTo }: PlayerProps) {
  const { word } = useWords();
  const [declined, setDeclined] = useState(false);
  const path = { recording_id: recording };
  const sound = useQuery({
    queryKey: ["sound", recording],
    queryFn: () => got(api.POST("/api/v1/recordings/{recording_id}/audio-tickets", { params: { path } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // it holds for some minutes only, and is asked for again with the page
  });
  const peaks = useQuery({
    queryKey: ["peaks", recording],
    queryFn: () =>
      got(
        api.GET("/api/v1/recordings/{recording_id}/peaks", { params: { path, query: { points: POINTS } } }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const url = sound.data && `${sound.data.url}?format=wav`;
  const failure = sound.error ?? peaks.error;
  const asks = needsConfirmation(failure) && !declined;
  function ask() {
    setDeclined(false);
    void sound.refetch();
    if (peaks.error) void peaks.refetch();
  }
  return (
    <>
      {url && peaks.data && (
        <Playing url={url} peaks={peaks.data} spans={spans} onMoved={onMoved} goTo={goTo} renew={ask} />
      )}
      {!failure && !(url && peaks.data) && <p role="status">{word("loadingSound")}</p>}
      {failure && !asks && (
        <div className="buttons">
          <p role="alert">{whyNot(failure)}</p>
          <Button id="sound-again" onPress={ask}>
            {word("soundAgain")}
          </Button>
        </div>
      )}
      {asks && (
        <ConfirmPassword
          purpose="recordings.play"
          isOpen
          onClose={() => setDeclined(true)}
          onConfirmed={ask}
        />
      )}
    </>
  );
}

type PlayingProps = Omit<PlayerProps, "recording"> & {
  url: string;
  peaks: Parameters<typeof Waveform>[0]["peaks"];
  /** Another ticket: a listener's holds for some minutes. */
  renew(): void;
};

function Playing({ url, peaks, spans, onMoved, goTo, renew }: PlayingProps) {
  const { word } = useWords();
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const [duration, setDuration] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const goesOn = useRef<Place | null>(null);
  const [isLost, setLost] = useState(false);
  /** Its ticket is over, most likely. One that does not let it begin at all is not asked for again. */
  function failed() {
    if (goesOn.current) setLost(true);
    else {
      goesOn.current = { seconds: audio.current?.currentTime ?? at, playing };
      renew();
    }
  }
  function begun() {
    const sound = audio.current;
    if (!sound) return;
    setDuration(sound.duration);
    setLost(false);
    sound.playbackRate = speed;
    const before = goesOn.current;
    goesOn.current = null;
    if (!before) return;
    sound.currentTime = before.seconds;
    if (before.playing) void sound.play();
  }
  function seek(seconds: number) {
    if (audio.current) audio.current.currentTime = Math.min(duration, Math.max(0, seconds));
  }
  function moved() {
    const now = audio.current?.currentTime ?? 0;
    setAt(now);
    onMoved(now);
  }
  function faster(value: number) {
    setSpeed(value);
    if (audio.current) audio.current.playbackRate = value;
  }
  useEffect(() => {
    if (goTo && audio.current) audio.current.currentTime = goTo.seconds;
  }, [goTo]);
  return (
    <div className="player">
      <Waveform peaks={peaks} duration={duration} at={at} spans={spans} onSeek={seek} />
      {/* biome-ignore lint/a11y/useMediaCaption: a telephone call that nobody has written down */}
      <audio
        ref={audio}
        id="sound"
        src={url}
        onTimeUpdate={moved}
        onSeeked={moved}
        onLoadedMetadata={begun}
        onError={failed}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
      />
      {isLost && <p role="alert">{word("soundLost")}</p>}
      <div className="buttons">
        <Button
          id="play"
          look="primary"
          onPress={() => void (playing ? audio.current?.pause() : audio.current?.play())}
        >
          {playing ? <Pause /> : <Play />}
          {word(playing ? "pauseIt" : "playIt")}
        </Button>
        <Button aria-label={word("back10")} onPress={() => seek(at - 10)}>
          <RotateCcw />
        </Button>
        <Button aria-label={word("forward10")} onPress={() => seek(at + 10)}>
          <RotateCw />
        </Button>
        <label className="choice">
          {word("speed")}
          <select className="native" value={speed} onChange={(event) => faster(Number(event.target.value))}>
            {SPEEDS.map((each) => (
              <option key={each} value={each}>{`${each}×`}</option>
            ))}
          </select>
        </label>
        <span className="numbers" id="position">{`${length(at)} / ${length(duration)}`}</span>
      </div>
    </div>
  );
}
